"""Training: cached features, the compact classifier, cross validation."""

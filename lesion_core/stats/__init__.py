"""Statistics for one classifier, for two, and for a classifier beside readers. Light: numpy, scipy, statsmodels; no torch."""

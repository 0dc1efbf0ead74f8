"""Training: presets, fine-tuning or a classifier on kept features, nested cross validation, release."""

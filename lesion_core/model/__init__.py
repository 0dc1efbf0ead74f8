"""The network: VGG-19 (``vgg``), its weights (``weights``), checkpoints (``checkpoint``), serving (``predictor``)."""

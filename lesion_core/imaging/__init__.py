"""From an upload to the network's input: ``read`` (any file to RGB), ``border`` (border to RoI), ``prepare`` (RoI to 224 x 224)."""

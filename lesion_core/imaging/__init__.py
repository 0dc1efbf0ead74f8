"""From an upload to the network's input: ``read`` (files to RGB), ``border`` (to RoI), ``prepare`` (to 224 x 224)."""

"""Names of the reference models: every model stands beside them.

They are the lesion's size alone, its shape alone, and the network alone of a model that takes the outline into account.
"""

from __future__ import annotations

SIZE, SHAPE = "size-only", "shape-only"
REFERENCES = (SIZE, SHAPE)
#: Ends the name of the network alone, e.g. "bnet-image-only".
ALONE = "image-only"


def is_reference(model: str) -> bool:
    """Whether a model is one of the two, or a network without its outline."""
    return model in REFERENCES or model.endswith(f"-{ALONE}")

"""Names of the reference models, of size alone and of shape alone: every model stands beside them."""

from __future__ import annotations

SIZE, SHAPE = "size-only", "shape-only"
REFERENCES = (SIZE, SHAPE)


def is_reference(model: str) -> bool:
    """Whether a model is one of the two."""
    return model in REFERENCES

"""Names of the reference models: every model stands beside them.

They are the lesion's size alone, its shape alone, one linear layer on the frozen trunk, and what was made beside a
released model under a name of its own: the network alone and the outline alone of a model that takes both into account,
the paper's protocol, another label rule, another seed.
"""

from __future__ import annotations

from collections.abc import Collection

SIZE, SHAPE = "size-only", "shape-only"
#: These look at no pixel of the image.
OUTLINE_ONLY = (SIZE, SHAPE)
LINEAR = "trunk-linear"
REFERENCES = (*OUTLINE_ONLY, LINEAR)
#: Ends the name of the network alone, e.g. "bnet-image-only".
ALONE = "image-only"
#: Ends the name of the outline alone as such a model weighs it, e.g. "tnet-outline-only".
OUTLINE = "outline-only"
#: Ends the name of the paper's protocol in place of the model's own, e.g. "bnet-paper".
PAPER = "paper"
#: Between a released model's name and another seed of its folds and weights, e.g. "tnet-seed-1".
SEED = "-seed-"
#: What a model is made of, and the paper's protocol: shown beside it unasked.
OWN_PARTS = (ALONE, OUTLINE, PAPER)
#: The released models.
RELEASED = ("tnet", "bnet", "tbnet")


def is_reference(model: str) -> bool:
    """Whether a model is one of these: "size-only", or e.g. "bnet-image-only", "bnet-paper"."""
    return model in REFERENCES or beside(model) is not None


def belongs_beside(reference: str, models: Collection[str]) -> bool:
    """Whether a reference model is shown beside some models unasked.

    The lesion's size and shape and the linear layer always are; of what was made beside a released model its own parts
    and the paper's protocol. Other seeds, presets and labels are for whoever asks for them.

    Args:
        reference: its name.
        models: names of the models it would stand beside.
    """
    own = {f"{model}-{part}" for model in models for part in OWN_PARTS}
    return reference in REFERENCES or reference in own


def beside(model: str) -> str | None:
    """The released model that another one was made beside: "bnet" for "bnet-paper"; None for any other name."""
    first, hyphen, rest = model.partition("-")
    return first if hyphen and rest and first in RELEASED else None

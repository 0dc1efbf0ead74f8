"""What the controls of the held-out test tab hold, as its handlers get it."""

from pathlib import Path

from dashboards.asking import Opening
from dashboards.observers.address import first_choice
from lesion_core.results.observers.agreement_groups import MAJORITY

ROOT = Path(__file__).resolve().parents[3]

#: The bundled models that scored BUSI.
RELEASED = sorted(path.parent.parent.name for path in (ROOT / "checkpoints").glob("*net/scores/busi-external.csv"))


def values(key, **changes):
    """The controls after the set `key` was opened, in the order of the handlers, with these changes."""
    choice = first_choice(key, changes.get("readings", ""))
    known = {
        "test_set": key,
        "models": list(choice.models),
        "readers": list(choice.readers),
        "unit": choice.unit,
        "how": "left out",
        "cut": "4",
        "margin": 0.05,
        "model": choice.model,
        "against": MAJORITY,
        "stated": True,
        "threshold": 0.5,
        "moved_for": "",
        "group": "",
        "opened": Opening(key, 1),
        "number": 1,
        "readings": None,
        "own": (),
    }
    return list((known | changes).values())

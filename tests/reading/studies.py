"""Small studies for tests; their images are four-pixel pictures unless a test looks at them."""

import hashlib
from dataclasses import replace

import numpy as np

from lesion_core.reading.answer import Answer
from lesion_core.reading.bundle import Bundle, png_bytes
from lesion_core.reading.study import Item, Model, Question, Study, View

MODEL = Model("bnet", 0.4, "histology malignant")


def picture(number):
    return png_bytes(np.full((2, 2, 3), number % 256, dtype=np.uint8))


def items(labels, *, source="histopathology", scores=True):
    made = []
    for number, label in enumerate(labels):
        image = picture(number)
        view = View(
            f"secret-{number}", (2, 2), hashlib.sha256(image).hexdigest(), border=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
        )
        score = round(0.05 + 0.9 * number / max(len(labels) - 1, 1), 3) if scores else None
        made.append(
            Item(
                f"secret-{number}",
                (view,),
                label,
                "histology malignant",
                label_source=source,
                unit=f"p{number}",
                score=score,
            )
        )
    return tuple(made)


def study(labels=(0, 1, 0, 1, 0, 1), **changes):
    base = Study(
        title="A study",
        items=items(labels),
        readers=("Ann", "Bob"),
        question=Question(call=True),
        ethics="You agree.",
        model=MODEL,
    )
    return replace(base, **changes)


def bundle(of=None):
    of = of or study()
    return Bundle(of, {(at, view): picture(at) for at, item in enumerate(of.items) for view in range(len(item.views))})


def enter(desk, opened, name):
    """A reader who has agreed."""
    sitting = desk.sitting(desk.enter(opened.study_id, name, dict(opened.codes)[name]).token)
    desk.agree(sitting, experience="5 years", display="24 inch")
    return replace(sitting, agreed=True)


def answer(position, **changes):
    key = f"key-{position:04d}-{changes.get('revision', 0)}"
    return replace(Answer(position, key, call=1, seconds=2.0), **changes)


def read_all(desk, opened, name, say, *, first=0):
    """Let a reader answer every step that is open: `say(step)` gives the changes of the answer."""
    sitting = enter(desk, opened, name)
    steps = desk.store.steps(sitting.reader_id)
    place = desk.place(sitting)
    while place.state == "read":
        at = place.answered
        given = answer(at, answer_key=f"{name}-{at:06d}-key", **say(steps[at]))
        place = desk.record(sitting, given)
    return sitting

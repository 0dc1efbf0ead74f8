import numpy as np

from lesion_core.cases.readings import Reading
from lesion_core.results.review.attributes import Attributes
from lesion_core.results.review.case_cards import case_cards
from lesion_core.results.review.readers import readers_of
from lesion_core.results.review.source import ReviewSource
from tests.results.review.columns import run


def test_a_card_says_what_everyone_said():
    made = run([1, 0], [0.9, float("nan")], patients=["p", "q"], folds=[1, 2])
    other = run([1], [0.2], model="other")
    known = Attributes(np.array(["a0"]), {"machine": np.array(["X"])})
    readers = readers_of([Reading("R1", "a0", call=0, rating="3"), Reading("R2", "a1", assessable=False)])
    source = ReviewSource("k", "A set", "uploaded", (made, other), readers, known)
    first, second = case_cards(source, made, [0, 1], others=[other])
    assert first.scores == (("m", 0.9), ("other", 0.2))
    assert first.readings == (("R1", "3, benign"),)
    assert first.facts == (("patient", "p"), ("fold", "1"), ("Machine", "X"))
    assert second.scores == (("m", None),)
    assert second.readings == (("R2", "cannot assess"),)

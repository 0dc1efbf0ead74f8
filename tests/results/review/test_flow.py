import numpy as np

from lesion_core.results.review.attributes import Attributes
from lesion_core.results.review.flow import run_flow
from lesion_core.results.review.operating import operating
from lesion_core.results.review.source import ReviewSource
from tests.results.review.columns import run


def test_from_all_images_to_the_calls():
    made = run([1, 1, 0, 0, 1], [0.9, 0.1, 0.8, 0.2, float("nan")], patients=list("ppqrs"))
    known = Attributes(np.array(["a0", "a1", "a2", "a3", "a4", "b1", "b2"]), {})
    source = ReviewSource("k", "A set", "uploaded", (made,), attributes=known)
    view = made.in_unit("image")
    words = {box.title: box.lines for box in run_flow(source, view, operating(view, 0.5, prevalence=0.1).counts).boxes}
    assert words["Cases of the set"] == ("7 images", "lesions not stated", "4 patients (2 images without)")
    assert words["Left out"][0] == "no score in this run: 2 images"
    assert words["Left out"][1] == "could not be assessed: 1 images with label 1"
    assert words["Could be assessed"] == ("4 images",)
    assert words["Label 1"] == ("2 images",)
    assert words["Calls"] == ("above 1", "below 1")

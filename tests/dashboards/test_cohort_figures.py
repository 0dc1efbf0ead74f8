import pytest

from dashboards.cohort_figures import agreement_figure, categories_figure, flow_figure, flow_in_words
from lesion_core.cases.cohort import population_tables
from lesion_core.cases.ddti_readers import read_pairs
from lesion_core.cases.flow import study_flow
from lesion_core.results.paper_cohort import published_flow, published_table
from tests.cases.test_cohort import CASES, case


@pytest.mark.parametrize("flow", [published_flow(), study_flow([*CASES, case("x", 1, organ="breast")], left_out=["a"])])
def test_every_box_and_arrow_is_drawn_inside_the_figure_and_boxes_do_not_overlap(flow):
    figure = flow_figure(flow)
    boxes = figure.layout.shapes
    assert len(boxes) == len(flow.boxes)
    assert sum(note.showarrow for note in figure.layout.annotations) == len(flow.arrows)
    left, right = figure.layout.xaxis.range
    bottom, top = figure.layout.yaxis.range
    for box in boxes:
        assert left <= box.x0 < box.x1 <= right
        assert bottom <= box.y0 < box.y1 <= top
    for at, one in enumerate(boxes):
        for two in boxes[at + 1 :]:
            assert one.x1 <= two.x0 or two.x1 <= one.x0 or one.y0 >= two.y1 or two.y0 >= one.y1
    for box, text in zip(flow.boxes, figure.layout.annotations, strict=False):
        assert "".join(box.title.split()) in "".join(
            text.text.replace("<b>", "").replace("</b>", "").split("<br>")
        ).replace(" ", "")
    assert "1,611 patients" in flow_in_words(published_flow())


def test_categories_are_shares_of_their_class():
    figure = categories_figure(published_table("breast"))
    assert [bar.name for bar in figure.data] == [
        "development, malignant (n = 299)",
        "development, benign (n = 373)",
        "held-out test (paper), malignant (n = 52)",
        "held-out test (paper), benign (n = 52)",
    ]
    for bar in figure.data:
        assert sum(bar.y) == pytest.approx(100)
    assert list(figure.data[0].x) == ["2", "3", "4a", "4b", "4c", "5"]
    assert list(figure.data[0].customdata[2]) == [127, 299]


def test_categories_leave_out_what_is_not_stated_and_classes_without_any():
    figure = categories_figure(population_tables([case("a", 1, rads="4a", rads_system="TI-RADS"), case("b", 0)])[0])
    assert [bar.name for bar in figure.data] == ["development, malignant (n = 1)"]
    assert list(figure.data[0].x) == ["4a"]


def test_no_categories_is_said():
    figure = categories_figure(population_tables([case("a", 1)])[0])
    assert not figure.data
    assert "No BI-RADS or TI-RADS categories" in figure.layout.annotations[0].text


def test_agreement_has_a_point_for_every_image():
    pairs = read_pairs()
    figure = agreement_figure(pairs)
    assert [len(box.y) for box in figure.data] == [169, 151, 153]
    assert sum(len(box.y) for box in figure.data) == len(pairs)

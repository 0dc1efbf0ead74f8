import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.widgets.drawn_border import MAX_POINTS, DrawnBorder, drawing_schema, read_drawing
from lesion_core.errors import BorderError

SQUARE = [[10, 10], [50.5, 10], [50.5, 40.25], [10, 40.25]]


def payload(**changes):
    good = {
        "points": SQUARE,
        "closed": True,
        "size": [60, 80],
        "drawing_seconds": 1.25,
        "revision": 3,
        "image_id": "ab12",
    }
    return {**good, **changes}


def test_a_good_payload_becomes_a_frozen_record():
    drawn = read_drawing(json.loads(json.dumps(payload())))
    assert drawn == DrawnBorder(
        points=((10.0, 10.0), (50.5, 10.0), (50.5, 40.25), (10.0, 40.25)),
        closed=True,
        size=(60, 80),
        drawing_seconds=1.25,
        revision=3,
        image_id="ab12",
    )
    assert all(isinstance(c, float) for p in drawn.points for c in p)
    assert isinstance(hash(drawn), int)


def test_only_points_closed_and_size_are_needed():
    drawn = read_drawing({"points": SQUARE, "closed": True, "size": [60, 80]})
    assert drawn.drawing_seconds == 0.0
    assert drawn.revision == 0
    assert drawn.image_id == ""


def test_points_on_the_edge_of_the_image_are_inside():
    edge = [[0, 0], [80, 0], [80, 60]]
    assert read_drawing(payload(points=edge)).points == ((0.0, 0.0), (80.0, 0.0), (80.0, 60.0))


def test_the_most_points_allowed_pass_and_one_more_does_not():
    many = [[i % 80, i % 60] for i in range(MAX_POINTS)]
    assert len(read_drawing(payload(points=many)).points) == MAX_POINTS
    with pytest.raises(BorderError, match=str(MAX_POINTS)):
        read_drawing(payload(points=[*many, [1, 1]]))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"points": [[1, 2], [3, math.nan], [4, 5]]}, r"points 2 2: .*finite"),
        ({"points": [[1, 2], [3, math.inf], [4, 5]]}, r"points 2 2: .*finite|less than or equal"),
        ({"points": [[1, 2], [-0.01, 4], [4, 5]]}, r"points 2 1: .*greater than or equal to 0"),
        ({"points": [[1, 2], [3, 4], [81, 5]]}, r"point 3 at \(81, 5\) lies outside the image of 80 x 60"),
        ({"points": [[1, 2], [3, 4], [5, 60.5]]}, r"point 3 at \(5, 60.5\) lies outside"),
        ({"points": [[1, 2], [3, "4"], [4, 5]]}, r"points 2 2: .*number"),
        ({"points": [[1, 2], [3, True], [4, 5]]}, r"points 2 2: .*number"),
        ({"points": [[1, 2], [3, None], [4, 5]]}, r"points 2 2: .*number"),
        ({"points": [[1, 2], [3, 4, 5], [4, 5]]}, r"points 2: "),
        ({"points": [[1, 2], [3], [4, 5]]}, r"points 2 2: Field required"),
        ({"points": [1, 2, 3]}, r"points 1: "),
        ({"points": "border"}, r"points: .*list"),
        ({"points": {"0": [1, 2]}}, r"points: .*list"),
        ({"points": [[1, 2], [3, 4]]}, r"at least 3 points, got 2"),
        ({"points": []}, r"at least 3 points, got 0"),
        ({"closed": "yes"}, r"closed: .*boolean"),
        ({"closed": 1}, r"closed: .*boolean"),
        ({"size": [60, 80, 3]}, r"size: "),
        ({"size": [60, -80]}, r"size 2: .*greater"),
        ({"size": [60, 80.5]}, r"size 2: .*integer"),
        ({"size": [60, 10**9]}, r"size 2: .*less"),
        ({"size": None}, r"size: "),
        ({"drawing_seconds": -1}, r"drawing_seconds: "),
        ({"drawing_seconds": math.inf}, r"drawing_seconds: "),
        ({"revision": "3"}, r"revision: "),
        ({"revision": 2.5}, r"revision: "),
        ({"image_id": "x" * 65}, r"image_id: .*64"),
        ({"image_id": 7}, r"image_id: "),
    ],
)
def test_a_bad_payload_is_refused_in_words(changes, words):
    with pytest.raises(BorderError, match=words) as caught:
        read_drawing(payload(**changes))
    assert str(caught.value).startswith("the border could not be read (")
    assert str(caught.value).endswith(": draw it again")


@pytest.mark.parametrize("broken", [[], "x", 7, True, {}, {"points": SQUARE}, [SQUARE]])
def test_something_else_than_a_border_is_refused(broken):
    with pytest.raises(BorderError, match="could not be read"):
        read_drawing(broken)


def test_the_message_never_repeats_text_that_was_sent():
    with pytest.raises(BorderError) as caught:
        read_drawing(payload(image_id="<img src=x onerror=alert(1)>" * 9))
    assert "<" not in str(caught.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(json_values, json_values, json_values)
def test_any_json_is_taken_or_refused_but_never_breaks(points, closed, size):
    try:
        drawn = read_drawing({"points": points, "closed": closed, "size": size})
    except BorderError:
        return
    assert all(0 <= x <= drawn.size[1] and 0 <= y <= drawn.size[0] for x, y in drawn.points)


def test_the_api_schema_names_every_field():
    schema = drawing_schema()
    assert set(schema["properties"]) == set(DrawnBorder.__dataclass_fields__)
    assert set(schema["required"]) == {"points", "closed", "size"}
    assert schema["properties"]["points"]["maxItems"] == MAX_POINTS

from dataclasses import replace

import numpy as np
import pytest

from lesion_core.cases.table import CaseTable
from lesion_core.errors import TableError
from lesion_core.imaging.border import read_border
from lesion_core.imaging.prepare import InputSpec, prepare
from lesion_core.imaging.read import read_image
from lesion_core.training.rois import load_rois
from tests.training.phantom_set import make_set


@pytest.fixture
def table(tmp_path):
    return make_set(tmp_path, patients=2)


@pytest.mark.parametrize("spec", [InputSpec(), InputSpec(rule="min-area", margin=0.0)])
def test_rois_are_cut_as_serving_cuts_them_in_the_order_of_the_table(spec, table):
    rois = load_rois(table, spec)
    assert (rois.shape, rois.dtype) == ((4, 224, 224, 3), np.uint8)
    for case, roi in zip(table.cases, rois, strict=True):
        image = read_image(table.image_path(case))
        border = read_border(table.border_path(case), image.size)
        assert np.array_equal(roi, prepare(image.pixels, border, spec).pixels)


def test_progress_is_told_now_and_then_and_at_the_end(table):
    told = []
    load_rois(table, InputSpec(), progress=lambda *done: told.append(done))
    assert told == [(4, 4)]
    many = CaseTable(table.cases * 26, table.folder)
    told.clear()
    load_rois(many, InputSpec(), progress=lambda *done: told.append(done))
    assert told == [(50, 104), (100, 104), (104, 104)]


def test_all_unusable_cases_are_listed(table, tmp_path):
    (tmp_path / "text.png").write_text("not an image")
    (tmp_path / "speck.json").write_text("[[1, 1], [2, 1], [2, 2]]")
    bad = (
        replace(table.cases[0], case_id="borderless", border=""),
        table.cases[1],
        replace(table.cases[2], case_id="broken", image="text.png"),
        replace(table.cases[3], case_id="tiny", border="speck.json"),
        replace(table.cases[3], case_id="gone", image="none.png"),
    )
    with pytest.raises(TableError) as caught:
        load_rois(CaseTable(bad, tmp_path), InputSpec())
    names = [problem.split(":")[0] for problem in caught.value.problems]
    assert names == ["case borderless", "case broken", "case tiny", "case gone"]
    assert "outline it first" in caught.value.problems[0]

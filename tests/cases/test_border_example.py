import numpy as np
import pytest

from lesion_core.cases import border_example
from lesion_core.cases.agreement import compare_borders
from lesion_core.cases.border_example import EXAMPLE, SIZE, example_table, first_border
from lesion_core.errors import InputError
from lesion_core.imaging.border import read_border
from lesion_core.imaging.phantom import draw_phantom
from lesion_core.imaging.read import read_image


def test_the_example_is_a_case_table_of_phantoms(tmp_path):
    table = example_table(tmp_path / "deep" / "phantoms")
    assert len(table) == len(EXAMPLE)
    for case in table.cases:
        assert (case.label_source, case.dataset) == ("phantom", "phantoms")
        assert read_image(table.image_path(case)).size == SIZE
        assert read_border(table.border_path(case), SIZE).notes == ()
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["phantoms"]


def test_it_is_written_once(tmp_path, monkeypatch):
    example_table(tmp_path / "p")
    monkeypatch.setattr(border_example, "draw_phantom", None)
    assert len(example_table(tmp_path / "p")) == len(EXAMPLE)


def test_faults_are_what_their_names_say():
    true = draw_phantom(EXAMPLE[1].spec, np.random.default_rng(0)).border
    agreement = {fault: compare_borders(true, first_border(true, fault)) for fault in ("none", "too small", "shifted")}
    assert agreement["none"].dice == pytest.approx(1)
    assert agreement["too small"].area_ratio == pytest.approx(0.66**2, abs=0.02)
    assert 0.7 < agreement["shifted"].dice < 0.9
    shadow = compare_borders(true, first_border(true, "shadow"))
    assert shadow.area_ratio > 1.3
    beside = draw_phantom(EXAMPLE[3].spec, np.random.default_rng(0)).border
    assert compare_borders(beside, first_border(beside, "beside")).dice == 0


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        example_table(tmp_path / "file" / "phantoms")

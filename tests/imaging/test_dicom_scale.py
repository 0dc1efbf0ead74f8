import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from lesion_core.cases.table import Case, CaseTable
from lesion_core.imaging.read import read_image
from lesion_core.reading.make import LONGEST_SIDE, from_cases
from tests.imaging.dicom_files import dataset, encoded, greys


def region(x=0.01, y=0.01, *, form=1, units=3):
    made = Dataset()
    made.RegionSpatialFormat, made.RegionDataType = form, 1
    made.PhysicalUnitsXDirection = made.PhysicalUnitsYDirection = units
    made.PhysicalDeltaX, made.PhysicalDeltaY = x, y
    return made


def read(height=64, width=80, **elements):
    return read_image(encoded(dataset(greys(height, width), "MONOCHROME2", **elements))).mm_per_px


@pytest.mark.parametrize(
    ("regions", "expected"),
    [
        ([region(0.008, 0.008)], 0.08),
        ([region(0.008, -0.008)], 0.08),
        ([region(), region(0.5, 0.1, form=3, units=4)], 0.1),  # beside it a trace over time
        ([region(), region()], 0.1),
        ([region(), region(0.02, 0.02)], None),
        ([region(0.01, 0.02)], None),  # pixels that are not square
        ([region(units=4)], None),
        ([region(0.0, 0.0)], None),
        ([region(5.0, 5.0)], None),
        ([Dataset()], None),
    ],
)
def test_the_scale_of_ultrasound_regions(regions, expected):
    found = read(SequenceOfUltrasoundRegions=Sequence(regions))
    assert found == (expected if expected is None else pytest.approx(expected))


def test_pixel_spacing_where_there_are_no_regions():
    assert read(PixelSpacing=[0.12, 0.12]) == pytest.approx(0.12)
    assert read(PixelSpacing=[0.12, 0.24]) is None
    assert read() is None


def test_regions_count_more_than_pixel_spacing():
    assert read(PixelSpacing=[0.5, 0.5], SequenceOfUltrasoundRegions=Sequence([region()])) == pytest.approx(0.1)


def test_a_study_shows_the_scale_of_the_image_as_it_is_shown(tmp_path):
    for name, width in (("small", 80), ("wide", 2 * LONGEST_SIDE)):
        made = dataset(greys(64, width), "MONOCHROME2", SequenceOfUltrasoundRegions=Sequence([region()]))
        (tmp_path / f"{name}.dcm").write_bytes(encoded(made))
    cases = tuple(Case(name, "breast", f"{name}.dcm", 0, "labelled malignant") for name in ("small", "wide"))
    small, wide = (item.views[0] for item in from_cases(CaseTable(cases, tmp_path)).items)
    assert (small.mm_per_px, wide.mm_per_px) == (pytest.approx(0.1), pytest.approx(0.2))

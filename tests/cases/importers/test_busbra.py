import numpy as np
import pytest

from lesion_core.cases.importers import busbra
from lesion_core.cases.importers.source import Options
from lesion_core.cases.splits import check_scheme, folds_of
from lesion_core.errors import InputError, TableError
from lesion_core.imaging.border import border_to_mask

from . import sets


def test_imitation(tmp_path):
    found = busbra.load(sets.busbra(tmp_path), Options())
    cases = [lesion.case for lesion in found.lesions]
    assert len(cases) == 24
    assert cases[0].case_id == "bus_0001-l"
    assert {case.patient_id for case in cases} == {f"busbra-{i}" for i in range(1, 13)}
    assert sum(case.label for case in cases) == 8
    assert {case.split for case in cases} == {"development"}
    first = cases[0]
    assert (first.label_source, first.target) == ("histopathology", "histology malignant")
    assert (first.rads, first.machine, first.notes) == ("3", "GE Logiq 7", "cyst")
    assert [(each.case_id, each.rating, each.call) for each in found.readings[:2]] == [
        ("bus_0001-l", "3", None),
        ("bus_0001-r", "3", None),
    ]


def test_side_is_no_location(tmp_path):
    found = busbra.load(sets.busbra(tmp_path, 1), Options(skip=True))
    assert {lesion.case.location for lesion in found.lesions} == {""}


def test_wrong_boxes_and_sizes_do_not_matter_the_border_is_the_mask(tmp_path):
    found = busbra.load(sets.busbra(tmp_path, 1), Options())
    mask = border_to_mask(found.lesions[0].border, sets.SIZE)
    assert (mask ^ sets.ellipse()).sum() < 0.02 * sets.ellipse().sum()


def test_official_folds_are_kept_and_the_validation_part_is_made_anew_by_patient(tmp_path):
    found = busbra.load(sets.busbra(tmp_path, 24), Options())
    cases = [lesion.case for lesion in found.lesions]
    five, ten = found.schemes
    assert (five.name, five.folds, ten.name) == ("busbra-5", (1, 2, 3, 4, 5), "busbra-10")
    assert five.fold["bus_0007-r"] == 7 % 5 + 1
    for fold in folds_of(cases, five, rng=np.random.default_rng(0), validation=0.2):
        patients = [{cases[i].patient_id for i in part} for part in (fold.train, fold.validation, fold.test)]
        assert all(patients)
        assert len(set.union(*patients)) == sum(map(len, patients))


def test_patients_that_are_one_share_a_group_and_a_fold(tmp_path):
    root = sets.busbra(tmp_path, 3)
    for table in ("bus_data.csv", "5-fold-cv.csv", "10-fold-cv.csv"):
        text = (root / table).read_text().replace("bus_0001", "bus_0056").replace("bus_0002", "bus_0091")
        (root / table).write_text(
            text.replace("-l,1,", "-l,56,")
            .replace("-r,1,", "-r,56,")
            .replace("-l,2,", "-l,91,")
            .replace("-r,2,", "-r,91,")
        )
    for old, new in (("0001", "0056"), ("0002", "0091")):
        for side in "lr":
            (root / "Images" / f"bus_{old}-{side}.png").rename(root / "Images" / f"bus_{new}-{side}.png")
            (root / "Masks" / f"mask_{old}-{side}.png").rename(root / "Masks" / f"mask_{new}-{side}.png")
    found = busbra.load(root, Options())
    cases = {lesion.case.case_id: lesion.case for lesion in found.lesions}
    assert cases["bus_0056-l"].patient_id != cases["bus_0091-l"].patient_id
    assert cases["bus_0056-l"].group == cases["bus_0091-r"].group == "busbra-same-as-56"
    assert cases["bus_0003-l"].group == ""
    for scheme in found.schemes:
        assert scheme.fold["bus_0091-l"] == scheme.fold["bus_0056-r"]
        check_scheme(list(cases.values()), scheme)
    assert any("Patients 56 and 91 show the same scans" in note for note in found.notes)


def test_every_fault_is_told_at_once(tmp_path):
    root = sets.busbra(tmp_path)
    (root / "Masks" / "mask_0001-l.png").unlink()
    (root / "Images" / "bus_0002-l.png").write_bytes((root / "Images" / "bus_0002-l.png").read_bytes()[:300])
    sets.save_mask(sets.ellipse((50, 50)), root / "Masks" / "mask_0003-l.png")
    sets.save_mask(np.zeros(sets.SIZE, bool), root / "Masks" / "mask_0004-l.png")
    with pytest.raises(TableError) as caught:
        busbra.load(root, Options())
    problems = caught.value.problems
    assert len(problems) == 4
    assert problems[0] == "bus_0001-l: no mask_0001-l.png in Masks/ (23 files there)"
    assert problems[1].startswith("bus_0002-l: bus_0002-l.png cannot be read as a picture")
    assert problems[2].startswith("bus_0003-l: mask mask_0003-l.png is 50 x 50 px, its image 128 x 96 px")
    assert problems[3].startswith("bus_0004-l: the mask is empty")
    found = busbra.load(root, Options(skip=True))
    assert len(found.lesions) == 20
    assert [note for note in found.notes if note.startswith("Left out: bus_000")]
    assert len(found.schemes[0].fold) == 20


def test_wrong_folder_lists_what_was_expected_and_found(tmp_path):
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(InputError) as caught:
        busbra.load(tmp_path, Options())
    assert "expected bus_data.csv, Images/, Masks/, 5-fold-cv.csv, 10-fold-cv.csv" in str(caught.value)
    assert "found holiday.jpg" in str(caught.value)
    with pytest.raises(InputError, match="is no folder"):
        busbra.load(tmp_path / "missing", Options())


def test_half_written_and_foreign_tables(tmp_path):
    root = sets.busbra(tmp_path)
    data = root / "bus_data.csv"
    whole = data.read_text()
    data.write_text(whole[: len(whole) // 2])
    with pytest.raises(TableError, match=r"expected 10 \(is the file half-written\?\)"):
        busbra.load(root, Options())
    data.write_text("name,age\n")
    with pytest.raises(InputError, match=r"missing ID, Case, Histology.*found name, age"):
        busbra.load(root, Options())


def test_cases_without_a_fold_and_unknown_labels(tmp_path):
    root = sets.busbra(tmp_path)
    fold = root / "5-fold-cv.csv"
    fold.write_text("\n".join(fold.read_text().splitlines()[:-1]) + "\n")
    with pytest.raises(InputError, match=r"bus_0012-r: none \(1 in all\)"):
        busbra.load(root, Options())
    data = root / "bus_data.csv"
    data.write_text(data.read_text().replace("benign", "unclear"))
    with pytest.raises(TableError, match="Pathology is 'unclear', expected benign or malignant"):
        busbra.load(root, Options())


@pytest.mark.data
def test_the_real_set(data_dir, monkeypatch):
    """All rows of the tables, the pictures and masks of every 25th: all of them take half a minute."""
    mask_of, read_size, outline = busbra.mask_of, busbra.read_size, busbra.border_from_mask
    square = outline(np.ones((9, 9)))
    read = []

    def is_read(path):
        return int(path.stem.split("_")[1][:4]) % 25 == 0

    monkeypatch.setattr(busbra, "read_size", lambda path: read_size(path) if is_read(path) else None)
    monkeypatch.setattr(
        busbra, "mask_of", lambda path, *size, **more: mask_of(path, *size, **more) if is_read(path) else None
    )
    monkeypatch.setattr(
        busbra, "border_from_mask", lambda mask: square if mask is None else read.append(1) or outline(mask)
    )
    found = busbra.load(data_dir / "BUSBRA", Options())
    cases = [lesion.case for lesion in found.lesions]
    assert len(cases) == 1875
    assert len(read) > 60
    assert len({case.patient_id for case in cases}) == 1064
    assert (sum(1 - case.label for case in cases), sum(case.label for case in cases)) == (1268, 607)
    assert len(found.readings) == 1875
    assert [(scheme.name, len(scheme.fold)) for scheme in found.schemes] == [("busbra-5", 1875), ("busbra-10", 1875)]
    for scheme in found.schemes:
        check_scheme(cases, scheme)
    assert sum(bool(case.group) for case in cases) == 4

import numpy as np
import pytest

from lesion_core.cases.importers import bus_uclm
from lesion_core.cases.importers.source import Options
from lesion_core.errors import InputError, TableError

from . import sets


def test_imitation(tmp_path):
    found = bus_uclm.load(sets.bus_uclm(tmp_path), Options())
    cases = [lesion.case for lesion in found.lesions]
    assert [(case.case_id, case.label, case.patient_id, case.notes) for case in cases] == [
        ("bus-uclm-ANFO_000", 0, "bus-uclm-ANFO", ""),
        ("bus-uclm-BEFE_000", 1, "bus-uclm-BEFE", "doppler"),
        ("bus-uclm-BEFE_001-benign", 0, "bus-uclm-BEFE", ""),
        ("bus-uclm-BEFE_001-malignant", 1, "bus-uclm-BEFE", ""),
    ]
    middle = [np.mean([x for x, _ in lesion.border.points]) for lesion in found.lesions]
    np.testing.assert_allclose(middle, [0.3 * 128, 0.7 * 128, 0.3 * 128, 0.7 * 128], atol=2)
    assert found.notes == ("1 normal images were left out: they have no lesion.",)


def test_labels_that_contradict_the_colours(tmp_path):
    root = sets.bus_uclm(tmp_path)
    info = root / "INFO.csv"
    info.write_text(info.read_text().replace("Benign", "Malignant"))
    with pytest.raises(TableError, match=r"ANFO_000\.png: Label is 'Malignant', but the mask marks benign"):
        bus_uclm.load(root, Options())
    sets.save(np.zeros((*sets.SIZE, 3), np.uint8), root / "masks" / "ANFO_000.png")
    with pytest.raises(TableError, match="but the mask marks no lesion"):
        bus_uclm.load(root, Options())
    sets.save(np.zeros((9, 9, 3), np.uint8), root / "masks" / "ANFO_000.png")
    with pytest.raises(TableError, match="differ in size"):
        bus_uclm.load(root, Options())


def test_faults(tmp_path):
    with pytest.raises(InputError, match=r"expected INFO\.csv, images/, masks/"):
        bus_uclm.load(tmp_path, Options())
    root = sets.bus_uclm(tmp_path)
    (root / "masks" / "BEFE_000.png").unlink()
    with pytest.raises(TableError, match=r"BEFE_000\.png: no BEFE_000\.png in masks/ \(3 files there\)"):
        bus_uclm.load(root, Options())
    (root / "INFO.csv").write_text("Image,Label\n")
    with pytest.raises(InputError, match="missing Image, Label; found Image,Label"):
        bus_uclm.load(root, Options())

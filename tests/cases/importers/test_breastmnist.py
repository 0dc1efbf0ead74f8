import numpy as np
import pytest

from lesion_core.cases.importers import breastmnist
from lesion_core.cases.importers.source import Options
from lesion_core.errors import InputError

from . import sets


@pytest.mark.parametrize("size", [28, 224])
def test_imitation_zero_is_malignant_in_the_file(tmp_path, size):
    root = sets.breastmnist(tmp_path, size)
    found = breastmnist.load(root, Options())
    cases = [lesion.case for lesion in found.lesions]
    assert [(case.case_id, case.label, case.split) for case in cases] == [
        ("breastmnist-train-0000", 0, "development"),
        ("breastmnist-train-0001", 1, "development"),
        ("breastmnist-train-0002", 0, "development"),
        ("breastmnist-val-0000", 1, "development"),
        ("breastmnist-test-0000", 0, "external"),
        ("breastmnist-test-0001", 1, "external"),
    ]
    assert {lesion.border for lesion in found.lesions} == {None}
    with np.load(root / f"breastmnist_{size}.npz") as arrays:
        np.testing.assert_array_equal(found.lesions[4].image, arrays["test_images"][0])
    assert len(breastmnist.load(root / f"breastmnist_{size}.npz", Options()).lesions) == 6


def test_faults(tmp_path):
    with pytest.raises(InputError, match=r"expected one breastmnist\*\.npz, found none"):
        breastmnist.load(tmp_path, Options())
    with pytest.raises(InputError, match=r"missing\.npz is not there: expected breastmnist\.npz"):
        breastmnist.load(tmp_path / "missing.npz", Options())
    root = sets.breastmnist(tmp_path)
    sets.breastmnist(tmp_path, 64)
    with pytest.raises(InputError, match=r"found breastmnist_28\.npz, breastmnist_64\.npz: name the file itself"):
        breastmnist.load(root, Options())
    path = root / "breastmnist_28.npz"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InputError, match="is it half-downloaded"):
        breastmnist.load(path, Options())
    np.savez(path, pictures=np.zeros(3))
    with pytest.raises(InputError, match=r"missing train_images, train_labels.*found pictures"):
        breastmnist.load(path, Options())
    wrong = {f"{part}_{what}": np.zeros((2, 2)) for part in ("train", "val", "test") for what in ("images", "labels")}
    np.savez(path, **wrong)
    with pytest.raises(InputError, match=r"train: expected \(n, size, size\) uint8 pictures"):
        breastmnist.load(path, Options())
    np.savez(path, **{name: np.array([{}], dtype=object) for name in wrong})
    with pytest.raises(InputError, match="is no readable npz file"):
        breastmnist.load(path, Options())

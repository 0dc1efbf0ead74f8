"""BreastMNIST: BUSI's images as small squares (Yang et al., MedMNIST v2, Sci Data 2023;10:41).

As downloaded: ``breastmnist.npz`` or ``breastmnist_64.npz``, ``_128``, ``_224`` with ``train_images`` (n, size, size)
uint8, ``train_labels`` (n, 1), and the same for ``val`` and ``test``. In it 0 is malignant and 1 is "normal, benign";
here 1 is malignant, as everywhere. Whole images without borders; the pictures are written out as PNG files. The given
test part is external.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from lesion_core.cases.importers.source import Imported, Lesion, Options, Track, meaning, quiet
from lesion_core.cases.table import Case
from lesion_core.errors import InputError

PARTS = {"train": "development", "val": "development", "test": "external"}


def load(source: Path, options: Options, track: Track = quiet) -> Imported:
    """Read the npz file (or the only breastmnist*.npz of a folder).

    Raises:
        InputError: no such file, or other arrays in it.
    """
    path = _file(source)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            missing = [name for part in PARTS for name in (f"{part}_images", f"{part}_labels") if name not in arrays]
            if missing:
                raise InputError(f"{path}: missing {', '.join(missing)}; found {', '.join(arrays.files) or 'nothing'}")
            lesions = [each for part in PARTS for each in _lesions(arrays, part, options, track)]
    except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} is no readable npz file ({error}): is it half-downloaded?") from error
    notes = (
        "Whole images without borders: a model that is fed lesion crops cannot be scored on them fairly.",
        "Label 0 holds normal images as well as benign lesions.",
        "The images are BUSI's: a model that learnt from one must not be tested on the other.",
        "No patient ids: near-duplicates of BUSI stand in more than one part.",
    )
    return Imported(tuple(lesions), notes=notes)


def _file(source: Path) -> Path:
    if source.is_file():
        return source
    if not source.is_dir():
        raise InputError(f"{source} is not there: expected breastmnist.npz or breastmnist_<size>.npz, or its folder")
    files = sorted(source.glob("breastmnist*.npz"))
    if len(files) != 1:
        found = ", ".join(each.name for each in files) or "none"
        raise InputError(f"{source}: expected one breastmnist*.npz, found {found}: name the file itself")
    return files[0]


def _lesions(arrays: np.lib.npyio.NpzFile, part: str, options: Options, track: Track) -> list[Lesion]:
    images, labels = arrays[f"{part}_images"], arrays[f"{part}_labels"].reshape(-1)
    if images.ndim != 3 or images.dtype != np.uint8 or len(images) != len(labels) or not np.isin(labels, (0, 1)).all():
        raise InputError(
            f"{part}: expected (n, size, size) uint8 pictures and n labels 0 or 1,"
            f" got {images.shape} {images.dtype} and {labels.shape}"
        )
    label_source, target = meaning(options)
    return [
        Lesion(
            Case(
                case_id=f"breastmnist-{part}-{number:04d}",
                dataset="breastmnist",
                organ="breast",
                image="",
                label=1 if labels[number] == 0 else 0,
                label_source=label_source,
                target=target,
                split=options.split or PARTS[part],
            ),
            images[number],
            None,
        )
        for number in track(range(len(images)), f"BreastMNIST {part}")
    ]

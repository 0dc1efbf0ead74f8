"""The study file: a ZIP with study.json and the images as plain PNG under neutral names. One file that can be shared.

It holds the labels, so it belongs to whoever runs the study and never to a reader.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesion_core.errors import InputError, TableError
from lesion_core.notice import NOTICE
from lesion_core.reading.study import Study, study_from_json, study_to_json

SUFFIX = ".study.zip"
#: What a study file may hold, unpacked.
MOST_BYTES = 400_000_000
#: What one image may hold, pixels.
MOST_PIXELS = 40_000_000


@dataclass(frozen=True)
class Bundle:
    """A study with its images.

    Attributes:
        study: checked.
        images: PNG bytes by (index of the item, index of the view).
    """

    study: Study
    images: dict[tuple[int, int], bytes]


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """A picture as PNG that says nothing but its pixels; one channel where all three are equal.

    Args:
        pixels: (height, width, 3) uint8, RGB, 0-255.
    """
    grey = bool((pixels == pixels[..., :1]).all())
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[..., 0] if grey else pixels)).save(buffer, "PNG")
    return buffer.getvalue()


def write_bundle(bundle: Bundle, path: str | Path) -> None:
    """Write the study file.

    Raises:
        InputError: it cannot be written.
    """
    try:
        Path(path).write_bytes(bundle_bytes(bundle))
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error


def bundle_bytes(bundle: Bundle) -> bytes:
    """The study file; the same study gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        _add(archive, "README.txt", _README.encode())
        _add(archive, "study.json", study_to_json(bundle.study).encode())
        for (item, view), image in sorted(bundle.images.items()):
            _add(archive, _name(item, view), image)
    return buffer.getvalue()


def read_bundle(source: str | Path | bytes) -> Bundle:
    """Read and check a study file.

    Raises:
        InputError: it is no study file, or larger than allowed.
        TableError: everything that is wrong with the study or its images.
    """
    what = "study file" if isinstance(source, bytes) else Path(source).name
    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            size = sum(each.file_size for each in archive.infolist())
            if size > MOST_BYTES:
                raise InputError(f"{what} unpacks to {size / 1e6:.0f} MB, allowed are {MOST_BYTES / 1e6:.0f} MB")
            members = {each.filename: archive.read(each) for each in archive.infolist()}
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, zlib.error) as error:  # encrypted ones too
        raise InputError(f"{what} is no study file ({error}): choose a file that was saved as *{SUFFIX}") from None
    if "study.json" not in members:
        raise InputError(f"{what} holds no study.json: choose a file that was saved as *{SUFFIX}")
    try:
        text = members["study.json"].decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{what}: study.json is no UTF-8 text: save the study again") from None
    study = study_from_json(text, what=what)
    images, problems = {}, []
    for item, entry in enumerate(study.items):
        for view, each in enumerate(entry.views):
            image = members.get(_name(item, view))
            if image is None or hashlib.sha256(image).hexdigest() != each.sha256:
                state = "is missing" if image is None else "is not the one that the study was made with"
                problems.append(f"{_name(item, view)} (case {each.case_id}) {state}")
            else:
                try:
                    images[item, view] = _pixels_only(image, each.size)
                except InputError as error:
                    problems.append(f"{_name(item, view)} (case {each.case_id}) {error}")
    if problems:
        raise TableError(what, problems)
    return Bundle(_with_sums(study, images), images)


def _pixels_only(image: bytes, size: tuple[int, int]) -> bytes:
    """The picture written anew: a file made elsewhere may hold names or dates beside its pixels."""
    try:
        with Image.open(io.BytesIO(image), formats=["PNG"]) as opened:
            if (opened.height, opened.width) != size or opened.height * opened.width > MOST_PIXELS:
                raise InputError(f"is {opened.height} x {opened.width} pixels, the study says {size[0]} x {size[1]}")
            if opened.mode not in ("L", "RGB"):
                raise InputError(f"is of mode {opened.mode}, allowed are 8-bit grey and RGB")
            return png_bytes(np.asarray(opened.convert("RGB")))
    except (OSError, SyntaxError, ValueError, zlib.error, Image.DecompressionBombError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"is no PNG that can be read ({error})") from None


def _with_sums(study: Study, images: dict[tuple[int, int], bytes]) -> Study:
    """The study with the sums of the images as they are kept."""
    items = tuple(
        replace(
            entry,
            views=tuple(
                replace(each, sha256=hashlib.sha256(images[item, view]).hexdigest())
                for view, each in enumerate(entry.views)
            ),
        )
        for item, entry in enumerate(study.items)
    )
    return replace(study, items=items)


_README = f"""An observer study: study.json (with the labels: not for readers) and its images.
Open it in the reading room of the app. {NOTICE}
"""


def _name(item: int, view: int) -> str:
    return f"images/{item + 1:04d}-{view + 1}.png"


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)

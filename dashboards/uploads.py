"""Decoded uploads, kept for a while so that a redraw does not decode the file again.

A page holds only a small `Source` (which file, which frame); the pixels live here, bounded in bytes for all visitors
together, and are read again from the file when they were dropped.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from lesion_core.errors import ImageError
from lesion_core.imaging.phantom import EXAMPLES, example
from lesion_core.imaging.read import read_image
from lesion_core.records import LoadedImage

#: Bytes of decoded pixels that are kept at most.
CAPACITY = 400_000_000


@dataclass(frozen=True)
class Source:
    """Where an image of a page comes from.

    Attributes:
        path: the uploaded file; empty for an example.
        frame: of the file, from 0; None lets the reader choose.
        example: title of a phantom; empty for an upload.
    """

    path: str = ""
    frame: int | None = None
    example: str = ""


_kept: OrderedDict[Source, LoadedImage] = OrderedDict()
_lock = threading.Lock()


def load(source: Source) -> LoadedImage:
    """The image of a source, from memory where it is still there.

    Raises:
        ImageError: not readable, or the file is no longer on the server.
    """
    with _lock:
        if source in _kept:
            _kept.move_to_end(source)
            return _kept[source]
    loaded = _read(source)
    with _lock:
        _kept[source] = loaded
        while sum(image.pixels.nbytes for image in _kept.values()) > CAPACITY and len(_kept) > 1:
            _kept.popitem(last=False)
    return loaded


def _read(source: Source) -> LoadedImage:
    if source.example:
        if source.example not in EXAMPLES:
            raise ImageError(f"no example named {source.example!r}: choose one of {', '.join(EXAMPLES)}")
        phantom = example(source.example)
        digest = hashlib.sha256(phantom.pixels.tobytes()).hexdigest()
        return LoadedImage(phantom.pixels, "synthetic phantom", digest)
    if not source.path:
        raise ImageError("there is no image yet: upload one, or choose an example")
    if not Path(source.path).is_file():
        raise ImageError("the uploaded file is no longer on the server: upload it again")
    return read_image(source.path, frame=source.frame)

"""Files that a page fetches from Gradio's cache, written so that nobody is sent half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from gradio.processing_utils import hash_bytes


def cached_file(content: bytes, name: str, folder: str) -> str:
    """Keep a file for the page, and return its path: of the same content and name always the same.

    Gradio's own `save_bytes_to_cache` and `save_pil_to_cache` write over a file that is there already: whoever fetches
    it in that moment (another visitor of the same example) is sent less than was announced, and sees a broken image.

    Args:
        content: what the file holds.
        name: of the file, as it is downloaded.
        folder: Gradio's cache.
    """
    path = Path(folder).resolve() / hash_bytes(content) / Path(name).name
    try:
        os.utime(path)  # asked for again: kept as long as a new one
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
            part.write(content)
        Path(part.name).replace(path)
    return str(path)

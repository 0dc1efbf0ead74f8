"""JPEG lossless frames of DICOM files, decoded in a child process.

A damaged frame makes GDCM end its process; here that process is not ours. It costs about 0.15 s a frame.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from lesion_core.errors import ImageError

_CHILD = Path(__file__).with_name("gdcm_child.py")
#: Longest time a frame may take; 5000 x 3750 grey pixels took 1.2 s.
_SECONDS = 60


@dataclass(frozen=True)
class LosslessFrame:
    """What the decoder must know besides the codestream.

    Attributes:
        rows: height in pixels.
        columns: width in pixels.
        samples: 1 or 3 per pixel.
        bits_allocated: 8 or 16 per sample.
        bits_stored: of these, how many are used.
        signed: whether samples are two's complement.
        photometric: DICOM's photometric interpretation of the stored samples.
        syntax: UID of the transfer syntax.
    """

    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    signed: bool
    photometric: str
    syntax: str


def decode_lossless(codestream: bytes, frame: LosslessFrame) -> bytes:
    """Decode a JPEG lossless frame (processes 14 and 14 SV1).

    Args:
        codestream: the frame as it stands in the file.
        frame: its header.

    Returns:
        Interleaved samples, rows x columns x samples, little-endian, of `bits_allocated` each.

    Raises:
        ImageError: damaged, or the decoder did not end in time.
    """
    request = json.dumps(asdict(frame)).encode() + b"\n" + codestream
    try:
        child = subprocess.run(
            [sys.executable, "-I", str(_CHILD)], input=request, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ImageError(
            f"the JPEG lossless frame of this DICOM file was not decoded within {_SECONDS} s: export it uncompressed"
        ) from error
    expected = frame.rows * frame.columns * frame.samples * frame.bits_allocated // 8
    if child.returncode != 0 or len(child.stdout) < expected:
        raise ImageError(
            "the JPEG lossless frame of this DICOM file is damaged or cut off: export it again, or uncompressed"
        )
    return child.stdout[:expected]

"""How large an upload may be, and which frame of it is shown: checked on headers, before anything is decoded.

Sizes are (height, width) in pixels, frames are counted from 0.
"""

from __future__ import annotations

from lesion_core.errors import ImageError

#: Largest file that is read, in bytes (256 MiB: a native colour clip of about 100 frames at 1024 x 768).
MAX_BYTES = 256 * 1024 * 1024
#: Largest single frame, in pixels (a 5000 x 3750 photograph of a screen has 18.75 million).
MAX_PIXELS = 50_000_000
#: Largest clip: height x width x frames (1,271 frames at 1024 x 768).
MAX_CLIP_PIXELS = 1_000_000_000
#: Most frames or pages in one file.
MAX_FRAMES = 5_000
#: Smallest side of a frame, in pixels.
MIN_SIDE = 8


def check_size(height: int, width: int, frames: int = 1) -> None:
    """Refuse a size that is not an image worth decoding, or that would fill the memory.

    Args:
        height: rows as the header states them.
        width: columns as the header states them.
        frames: number of frames as the header states it.

    Raises:
        ImageError: a side under `MIN_SIDE`, a frame over `MAX_PIXELS`, a clip over `MAX_FRAMES` or `MAX_CLIP_PIXELS`.
    """
    shape = f"{width:,} x {height:,} pixels"
    if height < MIN_SIDE or width < MIN_SIDE:
        raise ImageError(
            f"the image is too small: its header says {shape}, at least {MIN_SIDE} x {MIN_SIDE} are needed: "
            "upload the image in full size"
        )
    if height * width > MAX_PIXELS:
        raise ImageError(
            f"the image is too large: its header says {shape}, at most {MAX_PIXELS / 1e6:.0f} million pixels are read: "
            "make it smaller or crop it"
        )
    if frames > MAX_FRAMES or height * width * frames > MAX_CLIP_PIXELS:
        count = f"{frames:,}" if frames <= MAX_FRAMES else f"more than {MAX_FRAMES:,}"
        raise ImageError(
            f"the clip is too long: its header says {count} frames of {shape}, at most {MAX_FRAMES:,} frames and "
            f"{MAX_CLIP_PIXELS / 1e6:,.0f} million pixels in all are read: export a shorter clip or a single frame"
        )


def choose_frame(frame: int | None, frames: int, *, default: int) -> int:
    """The frame to show.

    Args:
        frame: the one asked for, from 0, or None.
        frames: how many there are.
        default: the one taken where none was asked for.

    Raises:
        ImageError: there is no such frame.
    """
    if frame is None:
        return default
    if not 0 <= frame < frames:
        has = "one frame, number 0" if frames == 1 else f"{frames} frames, numbered 0 to {frames - 1}"
        raise ImageError(f"the file has no frame {frame}: it has {has}: choose one of these")
    return frame

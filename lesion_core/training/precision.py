"""Which arithmetic a device computes in: bfloat16 is only wanted where it is the faster one.

A CPU without instructions for bfloat16 emulates them, at a third of the speed of its float32 (measured: 1.26 against
0.36 s an image for the trunk).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from lesion_core.training.config import Precision


def arithmetic(wanted: Precision, device: torch.device) -> Precision:
    """The arithmetic that is used where one is wanted: float32 where the device has no instructions for bfloat16."""
    if wanted == "bfloat16" and not _has_bfloat16(device):
        return "float32"
    return wanted


def in_words(wanted: Precision, device: torch.device) -> str:
    """The arithmetic of a training for its record: NVIDIA's convolutions in float32 keep 10 bits (TF32) unless told."""
    used = arithmetic(wanted, device)
    return "float32, convolutions in TF32" if used == "float32" and device.type == "cuda" else used


@contextmanager
def all_digits() -> Iterator[None]:
    """Float32 with all of its bits on a GPU, too: for scores and for features that are kept."""
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = before


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16") or capabilities.get("bf16"))

"""Which arithmetic a device computes in: bfloat16 is only wanted where it is the faster one.

A CPU without instructions for bfloat16 emulates them, at a third of the speed of its float32 (measured: 1.26 against
0.36 s an image for the trunk).
"""

from __future__ import annotations

import torch

from lesion_core.training.config import Precision


def arithmetic(wanted: Precision, device: torch.device) -> Precision:
    """The arithmetic that is used where one is wanted: float32 where the device has no instructions for bfloat16."""
    if wanted == "bfloat16" and not _has_bfloat16(device):
        return "float32"
    return wanted


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16") or capabilities.get("bf16"))

"""How much faster the SVD variants are than decomposing every channel anew for every rank, and that both agree.

The naive way is what a plain script does: the function that keeps a share is called three times, and each call takes
one `numpy.linalg.svd` of each of the three channels, nine in all. The other reading of "three times" is printed too:
one SVD of each channel for all three shares, three in all, which already holds half of the idea. The nine are timed
with the BLAS threads that NumPy starts by itself and with one, for on a small matrix, and above all on a busy machine,
more threads are slower; ratios are given to each. All alternatives take turns in every round; a round's ratio comes
from its own times, and the median over rounds is printed, with the smallest and the largest time. "core" is the time
that all cores together worked on an image: it hardly depends on what else the machine does.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesion_core.augment.blas import one_blas_thread, usable_cores
from lesion_core.augment.cache import VariantCache
from lesion_core.augment.channels import to_pixels
from lesion_core.augment.svd import rank_by_count
from lesion_core.augment.variants import SVD_RATIOS, eight_variants_of_each, svd_images
from lesion_core.imaging.phantom import PhantomSpec, draw_phantom

SIDE = 224
ROUNDS = 7
NAIVE_IMAGES, OUR_IMAGES, GPU_BATCH = 2, 24, 256


def run() -> None:
    """Measure and print."""
    grey = [_speckle(np.random.default_rng(seed)) for seed in range(OUR_IMAGES)]
    colour = [np.stack([grey[i][..., 0], grey[i - 1][..., 0], grey[i - 2][..., 0]], -1) for i in range(OUR_IMAGES)]
    print(f"svd45 + svd35 + svd25 of a {SIDE} x {SIDE} RoI, {usable_cores()} core(s), {ROUNDS} rounds, ms per image")
    _compare_with_naive(grey, colour)
    _check_agreement(grey[:NAIVE_IMAGES] + colour[:NAIVE_IMAGES])
    _measure_cache(grey)
    _measure_gpu(grey, colour)


def _compare_with_naive(grey: list[NDArray[np.uint8]], colour: list[NDArray[np.uint8]]) -> None:
    def held(work: Callable[[], object]) -> Callable[[], object]:
        def inside() -> object:
            with one_blas_thread():
                return work()

        return inside

    def naive() -> object:
        return [naive_svd_images(roi) for roi in colour[:NAIVE_IMAGES]]

    def once() -> object:
        return [naive_svd_images(roi, anew=False) for roi in colour[:NAIVE_IMAGES]]

    padded = [_pad(roi) for roi in grey]
    ways: dict[str, tuple[int, Callable[[], object]]] = {
        "naive: 9 SVDs, NumPy's threads": (NAIVE_IMAGES, naive),
        "naive: 9 SVDs, 1 BLAS thread": (NAIVE_IMAGES, held(naive)),
        "3 SVDs, 1 BLAS thread": (NAIVE_IMAGES, held(once)),
        "ours, RGB, one at a time": (OUR_IMAGES, lambda: [svd_images([roi]) for roi in colour]),
        "ours, RGB, batch": (OUR_IMAGES, lambda: svd_images(colour)),
        "ours, grey, one at a time": (OUR_IMAGES, lambda: [svd_images([roi]) for roi in grey]),
        "ours, grey, batch": (OUR_IMAGES, lambda: svd_images(grey)),
        "ours, grey, padded, batch": (OUR_IMAGES, lambda: svd_images(padded)),
    }
    for _, work in ways.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in ways}
    core_times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (images, work) in ways.items():
            started = time.process_time()
            times[name].append(_milliseconds(work) / images)
            core_times[name].append((time.process_time() - started) * 1e3 / images)
    baselines = list(times.values())[:3]
    print(f"  {'':31}{'median':>9}{'min':>9}{'max':>9}{'core':>9}   times faster than 9 SVDs, 9 and 3 on 1 thread")
    for name, taken in times.items():
        core = statistics.median(core_times[name])
        line = f"  {name:31}{statistics.median(taken):9.2f}{min(taken):9.2f}{max(taken):9.2f}{core:9.2f}"
        if name.startswith("ours"):
            ratios = (statistics.median(a / b for a, b in zip(naive_ms, taken, strict=True)) for naive_ms in baselines)
            line += "  " + "".join(f"{ratio:8.1f}" for ratio in ratios)
        print(line)


def _check_agreement(rois: list[NDArray[np.uint8]]) -> None:
    largest = 0
    for roi, ours in zip(rois, svd_images(rois), strict=True):
        for mine, theirs in zip(ours, naive_svd_images(roi), strict=True):
            largest = max(largest, int(np.abs(mine.astype(int) - theirs).max()))
    print(f"  largest difference between ours and naive: {largest} grey level(s)")


def _measure_cache(rois: list[NDArray[np.uint8]]) -> None:
    made, read = [], []
    with tempfile.TemporaryDirectory() as folder:
        VariantCache(Path(folder)).eight_variants_of_each(rois)
        for _ in range(ROUNDS):
            made.append(_milliseconds(lambda: eight_variants_of_each(rois)) / len(rois))
            read.append(_milliseconds(lambda: VariantCache(Path(folder)).eight_variants_of_each(rois)) / len(rois))
        size = statistics.mean(file.stat().st_size for file in Path(folder).rglob("*.npz"))
    ratio = statistics.median(a / b for a, b in zip(made, read, strict=True))
    print(
        f"  all eight, grey: made {statistics.median(made):.2f}, read from the cache {statistics.median(read):.2f} "
        f"({ratio:.1f} times faster, {size / 1024:.0f} KiB per RoI)"
    )


def _measure_gpu(grey: list[NDArray[np.uint8]], colour: list[NDArray[np.uint8]]) -> None:
    import torch

    from lesion_core.augment.batched import eight_variants

    if not torch.cuda.is_available():
        print("  no CUDA device: the batched operations were not timed on a GPU")
        return
    repeats = -(-GPU_BATCH // OUR_IMAGES)
    for name, rois in (("grey", grey), ("RGB", colour)):
        batch = torch.from_numpy(np.stack(rois)).permute(0, 3, 1, 2).repeat(repeats, 1, 1, 1)[:GPU_BATCH].to("cuda")

        def work(batch: torch.Tensor = batch) -> None:
            eight_variants(batch)
            torch.cuda.synchronize()

        work()
        rates = [GPU_BATCH / _milliseconds(work) * 1e3 for _ in range(ROUNDS)]
        print(
            f"  GPU, {torch.cuda.get_device_name()}, {name}, batches of {GPU_BATCH}: "
            f"{statistics.median(rates):.0f} images per second, all eight variants"
        )


def naive_svd_images(roi: NDArray[np.uint8], *, anew: bool = True) -> tuple[NDArray[np.uint8], ...]:
    """The three SVD variants by nine separate decompositions, or by three.

    Args:
        roi: (height, width, 3) uint8.
        anew: whether each share decomposes each channel anew.
    """

    def decompose_each() -> list[tuple[NDArray[np.float64], ...]]:
        return [np.linalg.svd(roi[..., channel].astype(np.float64), full_matrices=False) for channel in range(3)]

    images = []
    kept = None if anew else decompose_each()
    for ratio in SVD_RATIOS.values():
        rank = rank_by_count(ratio, (roi.shape[0], roi.shape[1]))
        channels = [(u[:, :rank] * s[:rank]) @ vt[:rank] for u, s, vt in kept or decompose_each()]
        images.append(to_pixels(np.stack(channels, axis=-1)))
    return tuple(images)


def _speckle(rng: np.random.Generator) -> NDArray[np.uint8]:
    """(SIDE, SIDE, 3) uint8: a phantom's lesion and surroundings, resized as an RoI is."""
    phantom = draw_phantom(PhantomSpec(), rng)
    height, width = phantom.pixels.shape[:2]
    left = (width - height) // 2
    box = Image.fromarray(phantom.pixels).crop((left, 0, left + height, height))
    return np.asarray(box.resize((SIDE, SIDE), Image.Resampling.BICUBIC)).copy()


def _pad(roi: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A third of the rows black, as the released model's rule pads a lesion that is 1.5 times wider than high."""
    padded = roi.copy()
    padded[: SIDE // 6] = padded[-(SIDE // 6) :] = 0
    return padded


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e3

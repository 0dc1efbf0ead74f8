"""How fast the training engine fine-tunes all of VGG-19, beside a plain torchvision loop of the same precision.

Both see the same images and take turns; an epoch's rate is images over wall time, the first epoch of each is thrown
away (memory, kernels), and the median of the others is printed. The share is of what a large matrix product of the
same precision reaches on the device in the same run: an image costs 3 x 39.3 GFLOP (forward once, backward twice;
39.3 = 2 x 19.6 billion multiplications of VGG-19 at 224 x 224). Images are noise and weights random: neither matters
to the time. On a CPU a few images are timed, which says how the loops compare and nothing about a GPU.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torchvision
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from lesion_core.imaging.prepare import InputSpec
from lesion_core.model.vgg import build_vgg19
from lesion_core.training.config import Precision, TrainConfig
from lesion_core.training.examples import Examples
from lesion_core.training.finetune import fit, make_accelerator

GFLOP_PER_IMAGE = 3 * 39.3
RATE = 1e-4
Pixels = NDArray[np.uint8]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Size:
    """How much is timed.

    Attributes:
        batches: sizes of mini-batches; the first is the paper's.
        images: in an epoch, at least the largest batch.
        epochs: of each loop and batch; the first is thrown away.
        rounds: how often the loops take turns.
        matrix: side of the matrices of the reference product.
        precision: of the arithmetic.
    """

    batches: tuple[int, ...]
    images: int
    epochs: int
    rounds: int
    matrix: int
    precision: Precision


GPU = Size((8, 32, 64, 128, 256), 2048, 4, 2, 8192, "bfloat16")
CPU = Size((8, 4), 8, 2, 1, 2048, "float32")


@dataclass(frozen=True)
class Rates:
    """Images per second of both loops at one batch size."""

    batch: int
    engine: float
    plain: float


def run() -> None:
    """Measure and print."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    size = GPU if device.type == "cuda" else CPU
    name = torch.cuda.get_device_name() if device.type == "cuda" else f"CPU, {torch.get_num_threads()} thread(s)"
    print(f"fine-tuning all of VGG-19, {name}, {size.precision}, {size.images} images an epoch")
    if device.type == "cpu":
        print("  no GPU here: a few images on the CPU, for how the loops compare; nothing follows for a GPU")
    # Looked at between the loops too, and the best look counts: on a shared machine one alone says little.
    looks = [matrix_teraflops(size, device)]
    found = []
    for batch in size.batches:
        found.append(measured(size, batch, device))
        looks.append(matrix_teraflops(size, device))
    print(
        f"  a {size.matrix} x {size.matrix} matrix product reaches {max(looks):.2f} TFLOP/s, best of {len(looks)} looks"
    )
    for line in report(found, max(looks)):
        print(f"  {line}")


def report(found: list[Rates], teraflops: float) -> list[str]:
    """The table and the comparison at the paper's batch and at each loop's best one."""
    lines = [f"{'batch':>6}{'engine':>12}{'share':>8}{'plain loop':>12}{'share':>8}{'ratio':>8}"]
    lines += [
        f"{each.batch:6d}{each.engine:9.1f}/s{_share(each.engine, teraflops):>9}{each.plain:9.1f}/s"
        f"{_share(each.plain, teraflops):>9}{each.engine / each.plain:8.2f}"
        for each in found
    ]
    best, plain = max(found, key=lambda each: each.engine), max(found, key=lambda each: each.plain)
    lines.append(f"at batch {found[0].batch}: {found[0].engine / found[0].plain:.2f} times the plain loop")
    lines.append(
        f"best: engine {best.engine:.1f}/s at batch {best.batch} ({_share(best.engine, teraflops)} of that rate), "
        f"plain loop {plain.plain:.1f}/s at batch {plain.batch}: {best.engine / plain.plain:.2f} times"
    )
    return lines


def measured(size: Size, batch: int, device: torch.device) -> Rates:
    """Time both loops by turns."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (size.images, 1, 1, 224, 224), dtype=np.uint8)
    labels = np.arange(size.images, dtype=np.int64) % 2
    engine: list[float] = []
    plain: list[float] = []
    for _ in range(size.rounds):
        engine += engine_rates(pixels, labels, size, batch, device)
        plain += plain_rates(pixels, labels, size, batch, device)
    return Rates(batch, statistics.median(engine), statistics.median(plain))


def engine_rates(pixels: Pixels, labels: Labels, size: Size, batch: int, device: torch.device) -> list[float]:
    """Images per second of each epoch but the first, by the engine that `crossval` and `train` use."""
    config = TrainConfig(
        trainable="all",
        ranks=None,
        normalisation="none",
        augmentation="none",
        epochs=size.epochs,
        batch=batch,
        optimiser="sgd",
        rate=RATE,
        decay=1e-4,
        schedule="constant",
        precision=size.precision,
    )
    rates: list[float] = []
    fit(
        _random_weights(build_vgg19()),
        Examples(pixels, 0, InputSpec()),
        labels,
        np.arange(len(labels)),
        config,
        report=lambda record: rates.append(record.images / record.seconds),
        accelerator=make_accelerator(cpu=device.type == "cpu"),
    )
    return rates[1:]


def plain_rates(pixels: Pixels, labels: Labels, size: Size, batch: int, device: torch.device) -> list[float]:
    """The same by a plain loop: torchvision's network, float32 images in a DataLoader, autocast, SGD."""
    network = torchvision.models.vgg19(weights=None, num_classes=2, init_weights=False).to(device).train()
    optimiser = torch.optim.SGD(network.parameters(), lr=RATE, momentum=0.9, weight_decay=1e-4)
    images = torch.from_numpy(pixels[:, 0]).float().div(255).sub(0.45).div(0.22).expand(-1, 3, -1, -1).contiguous()
    loader = DataLoader(TensorDataset(images, torch.from_numpy(labels)), batch_size=batch, shuffle=True)
    rates = []
    for _ in range(size.epochs):
        seconds = _timed(lambda: _plain_epoch(network, optimiser, loader, size.precision, device), device)
        rates.append(len(labels) / seconds)
    return rates[1:]


def matrix_teraflops(size: Size, device: torch.device) -> float:
    """What a large square product reaches, in 10^12 floating-point operations a second; the median of nine."""
    kind = torch.bfloat16 if size.precision == "bfloat16" else torch.float32
    left, right = (torch.randn(size.matrix, size.matrix, device=device).to(kind) for _ in range(2))
    repeats = 10 if device.type == "cuda" else 1

    def work() -> None:
        for _ in range(repeats):
            left @ right

    work()
    seconds = statistics.median(_timed(work, device) for _ in range(9))
    return float(2 * size.matrix**3 * repeats / seconds / 1e12)


def _plain_epoch(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    loader: DataLoader[tuple[Tensor, ...]],
    precision: Precision,
    device: torch.device,
) -> None:
    for images, labels in loader:
        optimiser.zero_grad()
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
            loss = functional.cross_entropy(network(images.to(device)), labels.to(device))
        loss.backward()
        optimiser.step()


def _random_weights(network: nn.Module) -> nn.Module:
    """Small random weights where memory was only set aside."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(std=0.01)
    return network


def _timed(work: Callable[[], object], device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize()
    started = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - started


def _share(rate: float, teraflops: float) -> str:
    return f"{100 * rate * GFLOP_PER_IMAGE / 1e3 / teraflops:.0f} %"

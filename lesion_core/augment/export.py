"""Everything about one RoI's augmentation in one ZIP: pictures, numbers and how they were made.

.. code-block:: text

    README.txt               what this is, and the notice
    variants/<name>.png      the eight
    rank_<k>.png             the reconstruction from k singular values, difference_<k>.png what it changed
    singular_values.csv      index, red, green, blue, cumulative energy
    answers.csv              what a model answered for each variant, where one was asked
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesion_core.augment.channels import to_pixels
from lesion_core.augment.quality import compare, difference_image
from lesion_core.augment.svd import decompose
from lesion_core.augment.variants import VARIANT_NAMES, VARIANT_TITLES, eight_variants
from lesion_core.errors import InputError
from lesion_core.notice import NOTICE

#: Every file in the ZIP carries this date, so that equal content gives equal bytes.
_DATE = (1980, 1, 1, 0, 0, 0)
_DIFFERENCE_GAIN = 4.0


@dataclass(frozen=True)
class VariantScores:
    """What one model answered for each of the eight variants.

    Attributes:
        model: its name.
        version: first 12 hex digits of the weights' SHA-256.
        target: what its label means.
        threshold: its operating point, 0-1.
        scores: softmax outputs for class 1, in the order of `VARIANT_NAMES`.
    """

    model: str
    version: str
    target: str
    threshold: float
    scores: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.scores) != len(VARIANT_NAMES):
            raise InputError(f"one score for each of {len(VARIANT_NAMES)} variants is needed, got {len(self.scores)}")

    def above(self, index: int) -> bool:
        """Whether the score of a variant reaches the threshold."""
        return self.scores[index] >= self.threshold

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the variants whose call differs from the original's."""
        return tuple(name for index, name in enumerate(VARIANT_NAMES) if self.above(index) != self.above(0))


def augmentation_zip(roi: NDArray[np.uint8], rank: int, *, source: str, answers: Sequence[VariantScores] = ()) -> bytes:
    """Write everything about one RoI.

    Args:
        roi: (height, width, 3) uint8, RGB, as it goes to the network.
        rank: of the reconstruction to include.
        source: where the RoI comes from, for the README.
        answers: of the models that were asked.

    Returns:
        A ZIP file; the same arguments give the same bytes.

    Raises:
        ImageError: no RoI.
        InputError: rank out of range.
    """
    decomposition = decompose(roi)
    rebuilt = to_pixels(decomposition.rebuild(rank))
    files: dict[str, bytes] = {}
    for name, image in eight_variants(roi).items():
        files[f"variants/{name}.png"] = _png(image)
    files[f"rank_{rank}.png"] = _png(rebuilt)
    files[f"difference_{rank}.png"] = _png(difference_image(roi, rebuilt, gain=_DIFFERENCE_GAIN))
    shares = decomposition.energy_share()
    files["singular_values.csv"] = _table(
        ("index", "red", "green", "blue", "cumulative_energy"),
        (
            (number, *(f"{value:.6f}" for value in values), f"{share:.9f}")
            for number, (values, share) in enumerate(zip(decomposition.values.T, shares, strict=True), start=1)
        ),
    )
    if answers:
        files["answers.csv"] = _table(
            ("model", "version", "target", "variant", "score", "threshold", "call", "change_from_original", "notice"),
            _answer_rows(answers),
        )
    quality = compare(roi, rebuilt)
    files["README.txt"] = _readme(
        source, rank, decomposition.full_rank, f"{quality.psnr_db:.2f}", quality.ssim
    ).encode()
    return _zip(files)


def _answer_rows(answers: Sequence[VariantScores]) -> Iterable[tuple[object, ...]]:
    for each in answers:
        for index, (name, score) in enumerate(zip(VARIANT_NAMES, each.scores, strict=True)):
            call = "above" if each.above(index) else "below"
            change = f"{score - each.scores[0]:+.6f}"
            yield each.model, each.version, each.target, name, f"{score:.6f}", each.threshold, call, change, NOTICE


def _readme(source: str, rank: int, full_rank: int, psnr_db: str, ssim: float | None) -> str:
    names = "\n".join(f"  {name:9} {VARIANT_TITLES[name]}" for name in VARIANT_NAMES)
    similarity = "undefined (the image is smaller than its window)" if ssim is None else f"{ssim:.4f}"
    return f"""Augmentation of one region of interest (RoI)
{NOTICE}

Source: {source}
The RoI was resized to 224 x 224 x 3 (bicubic) first, then augmented.

variants/: the eight images that the paper trains on
{names}

rank_{rank}.png: each RGB channel M = U S V^T rebuilt from its {rank} largest of {full_rank} singular values.
PSNR {psnr_db} dB, SSIM {similarity} against the original.
difference_{rank}.png: 128 + {_DIFFERENCE_GAIN:g} x (reconstruction - original); middle grey where nothing changed.
singular_values.csv: singular values per channel; cumulative_energy is the share of the sum of their squares.
answers.csv, if there: softmax outputs for class 1 ("score"). A score is no probability; below the threshold does not
exclude cancer; on a synthetic phantom it says nothing about the model.

The method: Zhu, AlZoubi, Jassim, Jiang, Zhang, Wang, Ye, Du: A generic deep learning framework to classify thyroid and
breast lesions in ultrasound images. Best approximation of a rank: Eckart and Young 1936, Psychometrika 1:211.
"""


def _png(image: NDArray[np.uint8]) -> bytes:
    content = io.BytesIO()
    Image.fromarray(image).save(content, "PNG")
    return content.getvalue()


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return content.getvalue().encode()


def _zip(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in sorted(files.items()):
            stored = name.endswith(".png")  # compressed already
            entry = zipfile.ZipInfo(name, _DATE)
            archive.writestr(entry, data, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
    return content.getvalue()

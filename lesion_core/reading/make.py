"""From cases to what is read: one item per lesion with its views, images without anything but pixels.

Cases come from cases.csv (every importer, and any folder through the importer "folder", writes one) or are phantoms.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesion_core.cases.marks import caliper_boxes
from lesion_core.cases.table import PLANES, Case, CaseTable
from lesion_core.errors import InputError, LesionError, TableError
from lesion_core.imaging.border import read_border
from lesion_core.imaging.phantom import PhantomSpec, draw_phantom
from lesion_core.imaging.read import read_image
from lesion_core.reading.bundle import png_bytes
from lesion_core.reading.study import MOST_VIEWS, Item, Marks, View
from lesion_core.records import Border

#: Longest side of an image in a study, pixels.
LONGEST_SIDE = 1600
#: Phantoms have no true scale; they are drawn as if a pixel were so many millimetres.
PHANTOM_MM_PER_PX = 0.08
PHANTOM_TARGET = "labelled malignant"


@dataclass(frozen=True)
class Material:
    """What is to be read.

    Attributes:
        items: one per lesion.
        images: PNG bytes by (index of the item, index of the view).
        notes: what was left out and what was found, in sentences.
    """

    items: tuple[Item, ...]
    images: dict[tuple[int, int], bytes]
    notes: tuple[str, ...] = ()

    @property
    def calipers(self) -> int:
        """In how many images burned-in calipers were found, at least."""
        return sum(view.calipers > 0 for item in self.items for view in item.views)


@dataclass(frozen=True)
class Masking:
    """What is painted black.

    Attributes:
        calipers: those that are found.
        top: share of the image's height, 0 to 0.4: where names and grades stand.
        bottom: the same at the lower edge.
    """

    calipers: bool = False
    top: float = 0.0
    bottom: float = 0.0


def from_cases(
    table: CaseTable,
    *,
    counts: tuple[int, int] | None = None,
    scores: Mapping[str, float] | None = None,
    masking: Masking | None = None,
    seed: int = 0,
    track: Callable[[Sequence[Any], str], Iterable[Any]] | None = None,
) -> Material:
    """Make items of a case table.

    Args:
        table: the cases.
        counts: how many lesions of label 0 and of label 1 to draw at random; None takes all.
        scores: a model's score by case_id; a lesion's is the mean of its views.
        masking: what to paint over; None for nothing.
        seed: of the draw.
        track: wraps the lesions while their images are read.

    Raises:
        InputError: fewer lesions of a class than wanted, a masked share outside 0 to 0.4, or a negative seed.
        TableError: lesions that cannot be read, all of them.
    """
    masking = masking or Masking()
    if not (0 <= masking.top <= 0.4 and 0 <= masking.bottom <= 0.4):
        raise InputError(f"masked shares must lie from 0 to 0.4, got {masking.top} and {masking.bottom}")
    _check_seed(seed)
    lesions, notes = _lesions(table)
    chosen = _drawn(lesions, counts, seed)
    items: list[Item] = []
    images: dict[tuple[int, int], bytes] = {}
    problems: list[str] = []
    for number, cases in enumerate(track(chosen, "lesions") if track else chosen):
        try:
            views = [_view(table, case, masking) for case in cases]
        except LesionError as error:
            problems.append(f"lesion {_lesion_name(cases[0])}: {error}")
            continue
        items.append(_item(cases, tuple(view for view, _ in views), scores))
        images |= {(number, at): image for at, (_, image) in enumerate(views)}
    if problems:
        raise TableError(str(table.folder), problems)
    return Material(tuple(items), images, tuple(notes))


def marks_of(material: Material, masking: Masking, *, declared: bool = False) -> Marks:
    """What readers are told of burned-in marks: what was painted over is not what was left in.

    Calipers are painted over as far as they are found, and text beside them is left: that is masked in part.

    Args:
        material: what is to be read.
        masking: how it was made.
        declared: whether there are marks besides the calipers that were found.
    """
    left = declared or masking.calipers or material.calipers > 0
    if masking != Masking():
        return "masked in part" if left else "masked"
    return "declared" if left else "none found"


def with_scores(
    material: Material, predict: Callable[[Iterable[tuple[NDArray[np.uint8], Border]]], Iterable[float]]
) -> Material:
    """The same items with a model's scores, the mean over the views; an item that has one keeps it.

    Args:
        material: what is to be read.
        predict: scores, 0-1, of images as they come: (height, width, 3) uint8 pixels, each with a border in them.
    """
    asked = [
        number
        for number, item in enumerate(material.items)
        if item.score is None and all(view.border for view in item.views)
    ]
    places = [(number, at) for number in asked for at in range(len(material.items[number].views))]
    views = (
        (_pixels(material.images[number, at]), Border(material.items[number].views[at].border)) for number, at in places
    )
    found: dict[int, list[float]] = {}
    for (number, _), score in zip(places, predict(views), strict=True):
        found.setdefault(number, []).append(score)
    items = [
        replace(item, score=round(float(np.mean(found[number])), 6)) if number in found else item
        for number, item in enumerate(material.items)
    ]
    return replace(material, items=tuple(items))


def from_phantoms(count: int, *, seed: int = 0) -> Material:
    """Draw phantoms: smooth and lobulated ones labelled 0, spiculated ones 1, of overlapping looks.

    Args:
        count: how many, 2 to 200; every second one is labelled 1.
        seed: the same seed draws the same phantoms.

    Raises:
        InputError: a count outside the range, or a negative seed.
    """
    _check_seed(seed)
    if not 2 <= count <= 200:
        raise InputError(f"2 to 200 phantoms can be drawn, got {count}")
    items: list[Item] = []
    images: dict[tuple[int, int], bytes] = {}
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        spiculated = number % 2 == 1
        phantom = draw_phantom(_phantom_spec(spiculated, rng), rng)
        name, image = f"phantom-{seed}-{number + 1:03d}", png_bytes(phantom.pixels)
        view = View(
            case_id=name,
            size=(phantom.pixels.shape[0], phantom.pixels.shape[1]),
            sha256=hashlib.sha256(image).hexdigest(),
            mm_per_px=PHANTOM_MM_PER_PX,
            border=phantom.border.points,
        )
        label: Literal[0, 1] = 1 if spiculated else 0
        items.append(Item(name, (view,), label, PHANTOM_TARGET, label_source="phantom", organ="breast", unit=name))
        images[number, 0] = image
    return Material(tuple(items), images, ("The cases are synthetic phantoms, no patients.",))


def _check_seed(seed: int) -> None:
    if seed < 0:
        raise InputError(f"the seed is {seed}: give 0 or a positive whole number")


def _phantom_spec(spiculated: bool, rng: np.random.Generator) -> PhantomSpec:
    tall = spiculated ^ (rng.random() < 0.25)
    wide, deep = rng.uniform(0.18, 0.24), rng.uniform(0.13, 0.17)
    return PhantomSpec(
        shape="spiculated" if spiculated else ("smooth" if rng.random() < 0.6 else "lobulated"),
        centre=(rng.uniform(0.4, 0.6), rng.uniform(0.42, 0.55)),
        radii=(deep, wide) if tall else (wide, deep),
        contrast_db=rng.uniform(-17, -9),
        behind_db=rng.uniform(-7, 2) if spiculated else rng.uniform(-3, 5),
    )


def _pixels(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def _lesions(table: CaseTable) -> tuple[list[list[Case]], list[str]]:
    """Cases by lesion, and what had to be left out."""
    shown: dict[str, set[str]] = {}
    for case in table.cases:
        shown.setdefault(case.image, set()).add(_lesion_name(case))
    crowded = {image for image, names in shown.items() if len(names) > 1}
    grouped: dict[str, list[Case]] = {}
    for case in table.cases:
        if case.image not in crowded:
            grouped.setdefault(_lesion_name(case), []).append(case)
    notes = []
    if crowded:
        notes.append(f"{len(crowded)} images show several lesions and were left out: a reader could not tell which.")
    many = [name for name, cases in grouped.items() if len(cases) > MOST_VIEWS]
    if many:
        notes.append(f"{len(many)} lesions have more than {MOST_VIEWS} images: the first {MOST_VIEWS} are shown.")
    lesions = [sorted(cases, key=_by_plane)[:MOST_VIEWS] for cases in grouped.values()]
    mixed = [cases[0] for cases in lesions if len({(case.label, case.target) for case in cases}) > 1]
    if mixed:
        raise TableError(
            str(table.folder), [f"lesion {_lesion_name(case)}: its images have different labels" for case in mixed]
        )
    if not lesions:
        raise InputError("there is no lesion to read: each image shows several")
    return lesions, notes


def _drawn(lesions: list[list[Case]], counts: tuple[int, int] | None, seed: int) -> list[list[Case]]:
    if counts is None:
        return lesions
    rng = np.random.default_rng(seed)
    kept: list[int] = []
    for label, wanted in enumerate(counts):
        there = [at for at, cases in enumerate(lesions) if cases[0].label == label]
        if not 0 <= wanted <= len(there):
            raise InputError(f"{wanted} lesions of label {label} are wanted, there are {len(there)}: ask for fewer")
        kept += rng.choice(there, size=wanted, replace=False).tolist() if there else []
    return [lesions[at] for at in sorted(kept)]


def _view(table: CaseTable, case: Case, masking: Masking) -> tuple[View, bytes]:
    loaded = read_image(table.image_path(case))
    pixels = loaded.pixels
    path = table.border_path(case)
    points = read_border(path, (pixels.shape[0], pixels.shape[1])).points if path else ()
    pixels, scale = _within(pixels)
    boxes = caliper_boxes(pixels)
    masked = [*(boxes if masking.calipers else ()), *_strips(pixels, masking)]
    pixels = pixels.copy()
    for left, top, width, height in masked:
        pixels[top : top + height, left : left + width] = 0
    image = png_bytes(pixels)
    view = View(
        case_id=case.case_id,
        size=(pixels.shape[0], pixels.shape[1]),
        sha256=hashlib.sha256(image).hexdigest(),
        plane=case.plane,
        mm_per_px=None if loaded.mm_per_px is None else loaded.mm_per_px / scale,
        border=tuple((x * scale, y * scale) for x, y in points),
        masked=tuple(masked),
        calipers=len(boxes),
    )
    return view, image


def _strips(pixels: NDArray[np.uint8], masking: Masking) -> list[tuple[int, int, int, int]]:
    height, width = pixels.shape[:2]
    top, bottom = round(masking.top * height), round(masking.bottom * height)
    strips = [(0, 0, width, top), (0, height - bottom, width, bottom)]
    return [strip for strip in strips if strip[3]]


def _within(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """The picture at most `LONGEST_SIDE` long, and its scale."""
    longest = max(pixels.shape[:2])
    if longest <= LONGEST_SIDE:
        return pixels, 1.0
    scale = LONGEST_SIDE / longest
    size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX)), scale


def _item(cases: list[Case], views: tuple[View, ...], scores: Mapping[str, float] | None) -> Item:
    first = cases[0]
    known = [scores[case.case_id] for case in cases if case.case_id in scores] if scores else []
    return Item(
        item_id=_lesion_name(first),
        views=views,
        label=first.label,
        target=first.target,
        label_source=first.label_source,
        organ=first.organ,
        unit=first.unit,
        score=float(np.mean(known)) if len(known) == len(cases) else None,
        **_recorded(cases),
    )


def _recorded(cases: list[Case]) -> dict[str, str]:
    """The most suspicious category that came with the images of a lesion."""
    graded = [case for case in cases if case.rads and case.rads_system == cases[0].rads_system]
    if not graded:
        return {}
    worst = max(graded, key=lambda case: (case.rads != "0", case.rads))
    return {"rads_system": worst.rads_system, "rads": worst.rads}


def _lesion_name(case: Case) -> str:
    return case.lesion_id or case.case_id


def _by_plane(case: Case) -> tuple[int, str]:
    return (PLANES.index(case.plane) if case.plane in PLANES else len(PLANES)), case.case_id

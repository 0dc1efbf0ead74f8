"""Eight synthetic phantoms with a first reader's borders, good and bad, to try the border check on.

Each phantom is drawn by `lesion_core.imaging.phantom`, so its true border is known; the "first reader" is a program
that copies it, or spoils it in one of the ways that people do: too small, shifted, beside the lesion, with the shadow
in it. The table does not say which.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from lesion_core.cases.columns import write_text
from lesion_core.cases.table import Case, CaseTable, read_cases, write_cases
from lesion_core.errors import InputError
from lesion_core.imaging.border import border_from_points, border_to_json
from lesion_core.imaging.phantom import PhantomSpec, draw_phantom
from lesion_core.records import Border

FIRST_READER = "Phantom program"
SIZE = (360, 480)

Fault = Literal["none", "too small", "shifted", "beside", "shadow"]


@dataclass(frozen=True)
class ExampleSpec:
    """One phantom of the example and what is done to its border."""

    spec: PhantomSpec
    fault: Fault


def _phantom(shape: Literal["smooth", "lobulated", "spiculated"], x: float, y: float, **more: float) -> PhantomSpec:
    radii = (more.pop("wide", 0.2), more.pop("tall", 0.15))
    return PhantomSpec(shape, SIZE, (x, y), radii, **more)


EXAMPLE: tuple[ExampleSpec, ...] = (
    ExampleSpec(_phantom("smooth", 0.5, 0.45), "none"),
    ExampleSpec(_phantom("lobulated", 0.45, 0.5), "too small"),
    ExampleSpec(_phantom("spiculated", 0.55, 0.45, wide=0.15, tall=0.2, behind_db=-9.0), "shadow"),
    ExampleSpec(_phantom("smooth", 0.4, 0.4, wide=0.17, tall=0.12), "beside"),
    ExampleSpec(_phantom("lobulated", 0.6, 0.5, wide=0.22), "none"),
    ExampleSpec(_phantom("smooth", 0.52, 0.55, wide=0.24, tall=0.17), "shifted"),
    ExampleSpec(_phantom("spiculated", 0.45, 0.42, wide=0.14, tall=0.18, contrast_db=-18.0), "none"),
    ExampleSpec(_phantom("lobulated", 0.5, 0.48, wide=0.26, tall=0.18, behind_db=1.0), "none"),
)


def example_table(folder: Path) -> CaseTable:
    """The example's cases as files in a folder; written once, whole or not at all.

    Args:
        folder: made when it is missing; its parent must be writable.

    Raises:
        InputError: the folder cannot be written.
    """
    if not (folder / "cases.csv").is_file():
        _write(folder)
    return read_cases(folder / "cases.csv")


def first_border(true: Border, fault: Fault) -> Border:
    """What the first reader made of the true border."""
    points = np.array(true.points)
    centre = points.mean(axis=0)
    if fault == "too small":
        points = centre + 0.66 * (points - centre)
    elif fault == "shifted":
        points = points + np.array([22.0, -9.0])
    elif fault == "beside":
        points = centre + np.array([190.0, 95.0]) + 0.7 * (points - centre)
    elif fault == "shadow":
        below = points[:, 1] > centre[1]
        points[below, 1] = centre[1] + 2.1 * (points[below, 1] - centre[1])
    return border_from_points(points, SIZE)


def _write(folder: Path) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.", suffix=".part"))
    except OSError as error:
        raise InputError(f"cannot write {folder}: {error.strerror or error}") from error
    try:
        cases = [_draw(number, each, part) for number, each in enumerate(EXAMPLE, start=1)]
        write_cases(cases, part / "cases.csv")
        part.chmod(0o755)
        part.rename(folder)
    except OSError as error:
        # Another process may have been quicker: then its folder is as good.
        if not (folder / "cases.csv").is_file():
            raise InputError(f"cannot write {folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _draw(number: int, each: ExampleSpec, part: Path) -> Case:
    phantom = draw_phantom(each.spec, np.random.default_rng([20, number]))
    name = f"phantom-{number}"
    (part / "images").mkdir(exist_ok=True)
    Image.fromarray(phantom.pixels[..., 0]).save(part / "images" / f"{name}.png")
    write_text(part / "borders" / f"{name}.json", border_to_json(first_border(phantom.border, each.fault)) + "\n")
    return Case(
        case_id=name,
        lesion_id=name,
        dataset="phantoms",
        organ="breast",
        image=f"images/{name}.png",
        border=f"borders/{name}.json",
        label=1 if each.spec.shape == "spiculated" else 0,
        label_source="phantom",
        target="labelled malignant",
        notes="synthetic phantom, no patient",
    )

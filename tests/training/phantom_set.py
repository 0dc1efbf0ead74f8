"""A data set of phantoms on disk: dark lesions are labelled 1, so that a little training tells them apart."""

import functools
from dataclasses import replace

import numpy as np
from PIL import Image

from lesion_core.cases.folds import Scheme, write_folds
from lesion_core.cases.table import Case, read_cases, write_cases
from lesion_core.imaging.border import border_to_json
from lesion_core.imaging.phantom import PhantomSpec, draw_phantom

SIZE = (120, 160)


@functools.cache
def phantom(seed, label):
    rng = np.random.default_rng(seed)
    spec = PhantomSpec(
        shape="spiculated" if label else "smooth",
        size=SIZE,
        centre=(rng.uniform(0.4, 0.6), rng.uniform(0.4, 0.6)),
        radii=(rng.uniform(0.2, 0.3), rng.uniform(0.15, 0.22)),
        contrast_db=-24.0 if label else -4.0,
        behind_db=rng.uniform(-3, 3),
    )
    return draw_phantom(spec, rng)


def save(case_id, label, seed, folder, **changes):
    """Write a phantom and its border; returns its case, with paths relative to the folder."""
    drawn = phantom(seed, label)
    for name in ("images", "borders"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    Image.fromarray(drawn.pixels[..., 0]).save(folder / "images" / f"{case_id}.png")
    (folder / "borders" / f"{case_id}.json").write_text(border_to_json(drawn.border))
    case = Case(
        case_id=case_id,
        organ="breast",
        image=f"images/{case_id}.png",
        border=f"borders/{case_id}.json",
        label=label,
        target="mixed",
        label_source="phantom",
        dataset="phantoms",
        split="development",
    )
    return replace(case, **changes)


def make_set(folder, *, patients=9, views=2, first_seed=0, prefix="p", **changes):
    """Write images, borders and cases.csv; patients differ in label by turns.

    Returns:
        The table as read back.
    """
    cases = []
    for patient in range(patients):
        for view in range(views):
            seed = first_seed + patient * views + view
            known = {"patient_id": f"{prefix}{patient}", "lesion_id": f"{prefix}{patient}"} | changes
            cases.append(save(f"{prefix}{patient}-{view}", patient % 2, seed, folder, **known))
    write_cases(cases, folder / "cases.csv")
    return read_cases(folder / "cases.csv")


def by_patient(table, k=3):
    """A scheme of k folds that keeps patients together, both labels in each."""
    patients = sorted({case.patient_id for case in table.cases}, key=lambda name: int(name[1:]))
    fold = {name: 1 + at // 2 % k for at, name in enumerate(patients)}
    return Scheme(f"thirds-{k}", {case.case_id: fold[case.patient_id] for case in table.cases})


def write_scheme(table, *schemes):
    write_folds(schemes, table.folder / "folds.csv")

"""Synthetic scans on disk for tests of the audit: each a phantom of its own."""

import functools

import numpy as np
from PIL import Image

from lesion_core.cases.table import Case
from lesion_core.imaging.border import border_to_json
from lesion_core.imaging.phantom import PhantomSpec, draw_phantom

SIZE = (240, 320)


@functools.cache
def scan(seed):
    """A phantom whose lesion lies and looks different for every seed."""
    rng = np.random.default_rng(seed)
    spec = PhantomSpec(
        shape=("smooth", "lobulated", "spiculated")[seed % 3],
        size=SIZE,
        centre=(rng.uniform(0.35, 0.65), rng.uniform(0.35, 0.6)),
        radii=(rng.uniform(0.18, 0.3), rng.uniform(0.13, 0.2)),
        behind_db=rng.uniform(-6, 6),
    )
    return draw_phantom(spec, rng)


def save_scan(seed, folder):
    """Write the picture and its border; returns a case with paths relative to the folder."""
    phantom = scan(seed)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / "borders").mkdir(exist_ok=True)
    Image.fromarray(phantom.pixels[:, :, 0]).save(folder / "images" / f"{seed}.png")
    (folder / "borders" / f"{seed}.json").write_text(border_to_json(phantom.border))
    return Case(
        case_id=f"case{seed}",
        organ="breast",
        image=f"images/{seed}.png",
        border=f"borders/{seed}.json",
        label=seed % 2,
        target="histology malignant",
        patient_id=f"p{seed}",
    )

"""Benches: each module has ``run()``, which measures alternatives side by side and prints the ratios.

A bench repeats its work, takes turns between the alternatives and prints medians: these machines are noisy.
"""

#: name on the command line -> module with ``run()``.
BENCHES: dict[str, str] = {
    "borders": "lesion_core.bench.borders",
    "augment": "lesion_core.bench.augment",
    "stats": "lesion_core.bench.stats",
    "coverage": "lesion_core.bench.coverage",
    "train": "lesion_core.bench.train",
    "reading": "lesion_core.bench.reading",
}

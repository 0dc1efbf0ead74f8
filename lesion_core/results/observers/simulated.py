"""A synthetic reader study: simulated readers of a released model's cases, so that every view of a study can be seen.

NOT READINGS OF PEOPLE. Each reader sees a latent suspicion, cuts it into BI-RADS categories at levels of their own and
now and then cannot assess a case. The suspicion is a sum of three standard normal parts: what the model saw (the normal
score of the case's rank within its class), what all readers share about the case, and the reader's own noise, shifted
apart for the two labels. Skill, boldness and the share of unassessable cases differ by reader; the separations are
those of areas from 0.86 to 0.94, near the released model's, so that the study shows the views and no winner.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from lesion_core.cases.readings import Reading
from lesion_core.results.review.readers import readers_of
from lesion_core.results.review.scored import ScoredRun
from lesion_core.results.review.source import ReviewSource
from lesion_core.stats.distributions import normal_quantile
from lesion_core.stats.inputs import Floats

SEED = 20260401
SESSION = "simulated"
CATEGORIES = ("2", "3", "4a", "4b", "4c", "5")
#: Shares of the latent variance: what the model saw too, what readers share, the reader's own noise.
SHARES = (0.30, 0.30, 0.40)
#: Where categories are cut on the latent scale, for a reader without a habit; negatives are N(0, 1).
CUTS = (0.2, 0.9, 1.4, 1.9, 2.5)


@dataclass(frozen=True)
class SimulatedReader:
    """How one reader reads.

    Attributes:
        name: says that it is simulated.
        separation: distance of the labels on the latent scale, in SDs (1.81 is an area of 0.90).
        habit: moved to all cuts: below 0 calls more.
        unsure: share of cases that cannot be assessed.
        seconds: median reading time.
    """

    name: str
    separation: float
    habit: float
    unsure: float
    seconds: float


READERS = (
    SimulatedReader("simulated A", 2.2, -0.25, 0.00, 24.0),
    SimulatedReader("simulated B", 2.0, 0.10, 0.01, 31.0),
    SimulatedReader("simulated C", 1.85, -0.10, 0.00, 28.0),
    SimulatedReader("simulated D", 1.7, 0.30, 0.03, 40.0),
    SimulatedReader("simulated E", 1.55, -0.40, 0.02, 36.0),
)


def simulate(run: ScoredRun, *, seed: int = SEED) -> tuple[Reading, ...]:
    """Five simulated readers of the cases of a run, the same for the same run and seed.

    Args:
        run: scores of a released model.
        seed: of the generator (PCG64).
    """
    rng = np.random.default_rng(seed)
    n, seen = len(run), np.zeros(len(run))
    for each in (0, 1):
        chosen = (run.labels == each) & ~np.isnan(run.scores)
        seen[chosen] = _normal_scores(run.scores[chosen])
    shared = rng.standard_normal(n)
    model_part, shared_part, own_part = (math.sqrt(share) for share in SHARES)
    readings: list[Reading] = []
    for reader in READERS:
        own = rng.standard_normal(n)
        latent = reader.separation * run.labels + model_part * seen + shared_part * shared + own_part * own
        category = np.searchsorted(np.array(CUTS) + reader.habit, latent)
        unsure = rng.random(n) < reader.unsure
        seconds = reader.seconds * np.exp(0.4 * rng.standard_normal(n))
        readings += [
            Reading(
                reader=reader.name,
                case_id=str(case),
                rating="" if lost else CATEGORIES[place],
                seconds=round(float(time), 1),
                session=SESSION,
                assessable=not lost,
            )
            for case, place, lost, time in zip(run.case_ids, category, unsure, seconds, strict=True)
        ]
    return tuple(readings)


def synthetic_source(source: ReviewSource) -> ReviewSource:
    """A bundled test set with the five simulated readers in place of any it has.

    Args:
        source: at least one run; the readers are simulated from the first.
    """
    return replace(
        source,
        key="synthetic",
        title=f"Synthetic reader study on {source.title}",
        kind="synthetic",
        readers=readers_of(simulate(source.runs[0]), synthetic=True),
        notes=(description(), *source.notes),
    )


def description(seed: int = SEED) -> str:
    """What these readings are, in one sentence for every screen and export that shows them."""
    return (
        f"SYNTHETIC reader study: {len(READERS)} simulated readers (seed {seed}), computed from the released scores; "
        "no person read these cases, and nothing here says anything about radiologists."
    )


def _normal_scores(values: Floats) -> Floats:
    """Blom's normal scores of the ranks; ties in the order given."""
    rank = np.empty(values.size)
    rank[np.argsort(values, kind="stable")] = np.arange(1, values.size + 1)
    return np.array([normal_quantile((each - 0.375) / (values.size + 0.25)) for each in rank])

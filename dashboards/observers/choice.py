"""What a visitor chose in the held-out test tab, and the set, panel and models behind it.

Values come from a browser or from a link: each is checked here, and what does not fit falls back to what does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import get_args

from dashboards.review import sources
from lesion_core.cases.readings import read_readings
from lesion_core.errors import InputError
from lesion_core.results.observers.agreement_groups import MAJORITY
from lesion_core.results.observers.panel import Panel, panel_of
from lesion_core.results.observers.reader_column import FIRST_CALLED, NotAssessed
from lesion_core.results.observers.reference_names import belongs_beside, is_reference
from lesion_core.results.observers.reference_words import legend, place
from lesion_core.results.observers.simulated import READERS, synthetic_source
from lesion_core.results.paper import Organ
from lesion_core.results.review.readers import Reader, readers_of
from lesion_core.results.review.scored import Unit
from lesion_core.results.review.source import ReviewSource

#: The paper's two test sets: counts only.
PAPER: dict[str, Organ] = {"paper.thyroid": "thyroid", "paper.breast": "breast"}
SYNTHETIC = "synthetic"
#: A table of readings is small; anything larger is no readings.csv.
MAX_BYTES = 30_000_000
Own = Sequence[ReviewSource]
CUTS = ("3", "4", "4a", "4b", "4c", "5")
MARGIN = 0.05


@dataclass(frozen=True)
class Choice:
    """The controls of the tab.

    Attributes:
        test_set: key of the set, or of one of the paper's.
        models: keys of runs.
        readers: names.
        unit: what is counted.
        how: which way "cannot assess" is counted.
        cut: category from which on a reader who gave categories only has called.
        margin: of non-inferiority, above 0.
        model: key of the run that the agreement view looks at.
        against: the reader it is compared with, or the majority.
        threshold: of that model, when it was moved; None for the stated one.
        group: "model only/1" and the like: the cases that are listed; "" for none.
        readings: path of the visitor's readings.csv; "" for none.
    """

    test_set: str
    models: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    unit: Unit = "image"
    how: NotAssessed = "left out"
    cut: str = FIRST_CALLED
    margin: float = MARGIN
    model: str = ""
    against: str = MAJORITY
    threshold: float | None = None
    group: str = ""
    readings: str = ""

    @property
    def organ(self) -> Organ | None:
        """The organ of the paper's set; None for a set with cases."""
        return PAPER.get(self.test_set)


@dataclass(frozen=True)
class Offer:
    """What can be chosen in a set.

    Attributes:
        source: the set.
        models: (shown, key), those of the system first.
        readers: names.
        units: headline unit first.
        legend: what the names of its reference models mean; "" where there are none.
    """

    source: ReviewSource
    models: tuple[tuple[str, str], ...]
    readers: tuple[str, ...]
    units: tuple[Unit, ...]
    legend: str


def sets_offered(own: Own = ()) -> list[tuple[str, str]]:
    """(shown, key) of every set that can be chosen, the visitor's own first."""
    real = [(f"{each.title} · {_readers_in_words(each)}", each.key) for each in (*own, *sources.bundled()[0])]
    made = [(f"SYNTHETIC: {len(READERS)} simulated readers on {each.title}", SYNTHETIC) for each in _simulated_on()]
    paper = [(f"The paper's published study, {organ}: counts only", key) for key, organ in PAPER.items()]
    return [*real, *made, *paper]


def source_of(key: str, readings: str = "", own: Own = ()) -> ReviewSource:
    """A set with cases by its key, with the visitor's readings beside the recorded ones.

    Raises:
        InputError: no such set, or readings that cannot be used.
        TableError: bad rows in the readings, all of them listed.
    """
    for each in (*own, *sources.bundled()[0], *_synthetic()):
        if each.key == key:
            return _with_readings(each, readings, Path(readings).stat().st_mtime_ns) if readings else each
    raise InputError(f"there is no set {key[:80]!r} here: if it was uploaded, upload it again; else choose another")


def own_readers(path: str) -> tuple[Reader, ...]:
    """Readers of a visitor's readings.csv.

    Raises:
        InputError: the file is too large, cannot be read, or has no row.
        TableError: bad rows, all of them listed.
    """
    size = Path(path).stat().st_size
    if size > MAX_BYTES:
        raise InputError(f"the file has {size / 1e6:.0f} MB: a readings.csv of up to {MAX_BYTES / 1e6:.0f} MB is read")
    found = readers_of(read_readings(path))
    if not found:
        raise InputError("there is no reading below the header")
    return found


def set_of_readings(path: str, own: Own = ()) -> str:
    """The set that has most of the cases of a visitor's readings.

    Raises:
        InputError: no set has any of them, or the file cannot be used.
        TableError: bad rows, all of them listed.
    """
    cases = {case for reader in own_readers(path) for case in reader.case_ids.tolist()}
    there = (*own, *sources.bundled()[0])
    shared = [(len(cases & _cases(each)), each.key) for each in there]
    best = max(shared, key=lambda pair: pair[0], default=(0, ""))
    if not best[0]:
        titles = ", ".join(each.title for each in there) or "none"
        raise InputError(
            f"none of the {len(cases)} cases of these readings was scored by a model here, e.g. {min(cases)!r}: "
            f"case_id must be as in the scores (sets: {titles})"
        )
    return best[1]


def offer(key: str, readings: str = "", own: Own = ()) -> Offer:
    """What can be chosen in a set with cases.

    Raises:
        InputError: no such set, or readings that cannot be used.
        TableError: bad rows in the readings.
    """
    source = source_of(key, readings, own)
    known = _cases(source)
    runs = sorted(source.runs, key=lambda run: place(run.model))
    several = [run.model for run in runs]
    return Offer(
        source=source,
        models=tuple((run.model if several.count(run.model) == 1 else run.key, run.key) for run in runs),
        readers=tuple(each.name for each in source.readers if known & set(each.case_ids.tolist())),
        units=runs[0].units,
        legend=legend(several),
    )


def checked(choice: Choice, own: Own = ()) -> Choice:
    """The choice with whatever the set does not have replaced by what it has.

    Raises:
        InputError: no such set, or readings that cannot be used.
        TableError: bad rows in the readings.
    """
    if choice.organ:
        return choice
    there = offer(choice.test_set, choice.readings, own)
    keys = tuple(key for _, key in there.models)
    models = tuple(key for key in keys if key in choice.models) or default_models(there)
    readers = tuple(name for name in there.readers if name in choice.readers)
    system = [key for key in models if not is_reference(there.source.run(key).model)]
    return replace(
        choice,
        models=models,
        readers=readers,
        unit=choice.unit if choice.unit in there.units else there.units[0],
        how=choice.how if choice.how in get_args(NotAssessed) else "left out",
        cut=choice.cut if choice.cut in CUTS else FIRST_CALLED,
        margin=choice.margin if 0 < choice.margin < 1 else MARGIN,
        model=choice.model if choice.model in models else (system or list(models))[0],
        against=choice.against if choice.against in readers else MAJORITY,
        threshold=choice.threshold if choice.threshold is not None and 0 <= choice.threshold <= 1 else None,
    )


def default_models(there: Offer) -> tuple[str, ...]:
    """The models of the system; the reference models where there is no other."""
    system = tuple(key for _, key in there.models if not is_reference(there.source.run(key).model))
    return system or tuple(key for _, key in there.models)


def panel(choice: Choice, own: Own = ()) -> Panel:
    """Models and readers of a checked choice.

    Raises:
        InputError: models that scored no case in common, or categories that cannot be put in order.
    """
    source = source_of(choice.test_set, choice.readings, own)
    return joined(source, choice.models, choice.unit, choice.cut).chosen(choice.readers)


def references(choice: Choice, own: Own = ()) -> Panel | None:
    """The reference models that belong beside the chosen ones, for their curves; None where there are none."""
    source = source_of(choice.test_set, "", own)
    chosen = {run.model for run in source.runs if run.key in choice.models}
    keys = tuple(run.key for run in source.runs if run.key not in choice.models and belongs_beside(run.model, chosen))
    if not keys:
        return None
    unit = choice.unit if all(choice.unit in source.run(key).units for key in keys) else "image"
    return joined(source, keys, unit, choice.cut).chosen(())


def images(choice: Choice, own: Own = ()) -> Panel:
    """The agreement view's model alone, per image: for its views and thresholds."""
    return joined(source_of(choice.test_set, "", own), (choice.model,), "image", choice.cut)


@lru_cache(maxsize=24)
def joined(source: ReviewSource, models: tuple[str, ...], unit: Unit, cut: str) -> Panel:
    """Models and all readers of a source; kept by its identity, so that two visitors' sets of one name never meet."""
    return panel_of(source, models, unit=unit, first_called=cut)


@lru_cache(maxsize=8)
def _with_readings(source: ReviewSource, path: str, stamp: int) -> ReviewSource:
    own = own_readers(path)
    names = {each.name for each in own}
    kept = tuple(each for each in source.readers if each.name not in names)
    return replace(source, readers=(*own, *kept))


@cache
def _synthetic() -> tuple[ReviewSource, ...]:
    return tuple(synthetic_source(each) for each in _simulated_on())


def _simulated_on() -> tuple[ReviewSource, ...]:
    """The set readers are simulated for: scored by most final models, of equals the first; else the first set."""
    there = sources.bundled()[0]
    return tuple(sorted(there, key=lambda each: (each.out_of_fold, -len(each.runs)))[:1])


def _readers_in_words(source: ReviewSource) -> str:
    n = len(source.readers)
    return "no reader recorded" if not n else f"{n} recorded reader{'s' if n > 1 else ''}"


def _cases(source: ReviewSource) -> set[str]:
    return {str(case) for run in source.runs for case in run.case_ids.tolist()}

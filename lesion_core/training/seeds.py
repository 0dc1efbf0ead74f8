"""Other seeds of a released model, kept beside it: whether its own figures are the luckiest of several.

`python -m lesion_core keep RUN --as tnet-seed-1` keeps one. A seed is that of the folds and of the weights.
`python -m lesion_core seeds tnet` prints how far the figures lie apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, stdev

from lesion_core.errors import InputError
from lesion_core.results.observers.reference_names import ALONE, SEED
from lesion_core.results.performance import cross_fitted_performance, units_known
from lesion_core.results.scores import ScoreTable, Unit, read_scores
from lesion_core.stats.roc import auc
from lesion_core.training.kept_scores import out_of_fold_file, out_of_fold_files, scores_folder
from lesion_core.training.run_record import RunRecord, read_run


@dataclass(frozen=True)
class Seeds:
    """Out-of-fold scores of one protocol on the same cases under several seeds.

    Attributes:
        own: of the released model.
        others: of the other seeds.
        whose: "" for the model's score, or what else it is of.
        names: of the folders of them all, the released model's first.
    """

    own: ScoreTable
    others: tuple[ScoreTable, ...]
    whose: str = ""
    names: tuple[str, ...] = ()

    @property
    def same_folds(self) -> bool:
        """Whether the folds were given, so that only weights, order and draws differ."""
        own, *others = ({row.case_id: row.fold for row in table.rows} for table in (self.own, *self.others))
        return all(each == own for each in others)

    def sentence(self, unit: Unit) -> str:
        """Where the released model's AUC stands among them, in words."""
        own, *others = (_area(table, unit) for table in (self.own, *self.others))
        whose = f"{self.whose}, {own:.3f}, is " if self.whose else ""
        highest = own > max(others)
        seeds = "seeds of the weights, on the same folds" if self.same_folds else "seeds of folds and weights"
        place = f"{'' if highest else 'not '}the highest of {1 + len(others)} {seeds}"
        shown = " and ".join(f"{area:.3f}" for area in others)
        return f"{whose}{place}{', so optimistic' if highest else ''} (others {shown})"

    @property
    def head(self) -> tuple[str, str]:
        """First lines of a table of `row`, in Markdown."""
        cells = ("score", "unit", "n (label 1)", *self.names, "mean", "SD")
        return f"| {' | '.join(cells)} |", f"|{'---|' * len(cells)}"

    def row(self, unit: Unit) -> str:
        """AUC of each seed, pooled over folds, with its interval; mean and standard deviation over the seeds."""
        found = [
            cross_fitted_performance(table, wanted_sensitivity=None, unit=unit) for table in (self.own, *self.others)
        ]
        areas = [each.auc.value for each in found]
        shown = [f"{each.auc.value:.3f} ({each.auc.low:.3f}-{each.auc.high:.3f})" for each in found]
        counted = f"{found[0].n:,} ({found[0].positives:,})"
        cells = (self.whose or "the model's", unit, counted, *shown, f"{mean(areas):.3f}", f"{stdev(areas):.4f}")
        return f"| {' | '.join(cells)} |"


def seed_notes(folder: Path) -> Mapping[Unit, str]:
    """What to know of a model's AUC out of fold, by unit; empty where no other seed is kept beside it.

    Args:
        folder: of the model, with ``scores/``.

    Raises:
        InputError: any reason of `seeds_beside`.
    """
    found = seeds_beside(folder)
    if not found:
        return {}
    return {unit: "; ".join(each.sentence(unit) for each in found) for unit in units_known(found[0].own)}


def seeds_beside(folder: Path) -> tuple[Seeds, ...]:
    """A model's scores with those of its other seeds, then the networks' alone where the outline enters; () for none.

    Args:
        folder: of the model, with ``scores/``.

    Raises:
        InputError: what is kept as another seed was made by another protocol or of other cases, or the outline enters
            the scores of some seeds only.
    """
    others = [path for path in sorted(folder.parent.glob(f"{folder.name}{SEED}*")) if not path.name.endswith(ALONE)]
    if not others:
        return ()
    own = read_run(scores_folder(folder))
    for path in others:
        if _protocol(read_run(scores_folder(path))) != _protocol(own):
            raise InputError(
                f"{path} is no other seed of {folder.name}: its run.json names other settings or cases; keep it under "
                "another name"
            )
    paths = (folder, *others)
    names = tuple(path.name for path in paths)
    found = [Seeds(_scores(folder), tuple(map(_scores, others)), names=names)]
    alone = [path.with_name(f"{path.name}-{ALONE}") for path in paths]
    with_outline = [bool(out_of_fold_files(path)) for path in alone]
    if any(with_outline):
        if not all(with_outline):
            bare = ", ".join(name for name, there in zip(names, with_outline, strict=True) if not there)
            raise InputError(
                f"seeds of {folder.name} are not alike: the outline enters the scores of some and not of {bare}; keep "
                "those again with --outline, or delete the folders of the others' networks alone"
            )
        for path, partner in zip(paths, alone, strict=True):
            if _cases(_scores(path)) != _cases(_scores(partner)):
                raise InputError(
                    f"{partner} holds other cases or folds than {path}: it is of another run, keep {path.name} again "
                    "with --outline"
                )
        first, *rest = map(_scores, alone)
        found.append(Seeds(first, tuple(rest), "the network alone", names))
    return tuple(found)


def _scores(folder: Path) -> ScoreTable:
    return read_scores(out_of_fold_file(folder))


def _cases(table: ScoreTable) -> set[tuple[str, str, int, int | None]]:
    return {(row.dataset, row.case_id, row.label, row.fold) for row in table.rows}


def _area(table: ScoreTable, unit: Unit) -> float:
    labels, scores = table.per_patient()[:2] if unit == "patient" else (table.labels, table.scores)
    return auc(labels, scores)


def _protocol(record: RunRecord) -> RunRecord:
    """What must be equal over seeds: everything but names, folds and what came of them."""
    candidates = [each | {"seed": 0} for each in record.settings["candidates"]]
    settings = record.settings | {"candidates": candidates}
    return replace(record, run="", settings=settings, scheme="", folds_sha256="", folds={}, software={})

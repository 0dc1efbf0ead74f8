"""A final model that was trained and made compact on another machine, and the way back from it.

Only the compact weights come back, in pieces, with what the machine measured and which run it went on from. The card
is made here, of the cross validation that the run belongs to, exactly as `train` makes one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from lesion_core.cases.columns import write_text
from lesion_core.errors import InputError
from lesion_core.model.card import WEIGHTS_FILE, Card, check_card, write_card
from lesion_core.model.checkpoint import Storage, load_weights, save_weights, sha256_of
from lesion_core.model.compression import Compression, ScoreChange
from lesion_core.results.scores import ScoreTable, read_scores, write_scores
from lesion_core.training import card_figures, kept_scores, release, terms
from lesion_core.training.config import TrainConfig, config_as_json
from lesion_core.training.crossval import SCORES_FILE
from lesion_core.training.export import IN_WORDS, compress, ranks_of
from lesion_core.training.final import in_order, train_final
from lesion_core.training.finetune import Report, make_accelerator
from lesion_core.training.majority import agreed_config
from lesion_core.training.plan import ExampleStore, Plan
from lesion_core.training.planning import Draft, Wanted, draft
from lesion_core.training.run_record import RunRecord, protocol_of, read_run, write_run
from lesion_core.training.shards import join_file, split_file
from lesion_core.training.superseded import forget_release

CARRIED_FILE = "carried.json"


@dataclass(frozen=True)
class CarriedModel:
    """What came back beside the weights.

    Attributes:
        weights_sha256: of the weights when their pieces are joined.
        storage: of the weights.
        ranks: of fc6 and fc7.
        settings: it was trained with, as JSON.
        epochs: of them.
        cases_sha256: of the cases, as in the run's record.
        folds_sha256: likewise of the folds.
        compression: how it was made small, and what that changed there.
        further_sha256: of the further cases it learnt from, as in the run's record; empty for none.
    """

    weights_sha256: str
    storage: Storage
    ranks: tuple[int, int]
    settings: dict[str, Any]
    epochs: int
    cases_sha256: str
    folds_sha256: str
    compression: Compression
    further_sha256: str = ""


@dataclass(frozen=True)
class Agreed:
    """What a finished cross validation says about the final model.

    Attributes:
        record: of the run.
        scores: out of fold, in the order of the cases.
        settings: that most folds took.
        epochs: the median of theirs.
        further: whether those folds learnt from the further cases.
    """

    record: RunRecord
    scores: ScoreTable
    settings: TrainConfig
    epochs: int
    further: bool = False

    @property
    def further_sha256(self) -> str:
        """Of the further cases that the final model learns from; empty for none."""
        return self.record.further.cases_sha256 if self.record.further and self.further else ""


def draft_again(cases: Sequence[Path], run: Path, **options: Any) -> Draft:
    """The draft that a finished cross validation was made from.

    Args:
        cases: its tables, or the packed ones.
        run: its folder, with run.json and folds.csv.
        options: of `Wanted`: cpu, cache, which change no result; also, the further tables it could learn from.

    Raises:
        InputError: no such run, or a preset that this version does not have.
    """
    record = read_run(run)
    protocol, seed = protocol_of(record)
    return draft(Wanted(tuple(cases), record.model, protocol, seed=seed, **options), run)


def agreed(drafted: Draft, run: Path) -> Agreed:
    """Read what a finished cross validation found.

    Raises:
        InputError: missing, unfinished, or of other cases, folds or settings.
    """
    record = read_run(run)
    drafted.check_fits(record, run)
    scores = in_order(read_scores(run / SCORES_FILE), drafted.table)
    release.check_scores(scores, drafted.table, record)
    return Agreed(record, scores, *agreed_config(record, drafted.preset))


def train_and_carry(
    plan: Plan,
    found: Agreed,
    out: Path,
    *,
    ranks: tuple[int, int],
    storage: Storage = "int8-all",
    report: Report = lambda record: None,
    stop: Any = lambda: False,
    progress: Any = lambda what, done, total: None,
) -> CarriedModel | None:
    """Train the final model, make it compact, and leave what is to be carried back.

    Args:
        plan: of the run.
        found: what the run agreed on.
        out: holds the snapshot while it is trained, then pieces of the weights, `CARRIED_FILE` and history.csv.
        ranks: highest ones of fc6 and fc7.
        storage: of the weights.
        report: told each finished epoch.
        stop: asked after each epoch whether to leave off.
        progress: called with (what, done, all).

    Returns:
        What is carried, or None where it was left off.
    """
    network = train_final(
        plan,
        found.settings,
        found.epochs,
        ExampleStore(plan, progress),
        folder=out,
        further=found.further,
        report=report,
        stop=stop,
    )
    if network is None:
        return None
    compression = compress(
        network.to(make_accelerator(cpu=plan.cpu).device),
        plan.table,
        plan.rois,
        plan.preset.input,
        ranks=ranks,
        storage=storage,
        threshold=card_figures.operating_point(found.scores, plan.preset.wanted_sensitivity, "").threshold,
        progress=progress,
    )
    sha256 = save_weights(network, out / WEIGHTS_FILE, storage=storage)
    split_file(out / WEIGHTS_FILE)
    carried = CarriedModel(
        sha256,
        storage,
        ranks_of(network),
        config_as_json(found.settings),
        found.epochs,
        found.record.cases_sha256,
        found.record.folds_sha256,
        compression,
        found.further_sha256,
    )
    write_text(out / CARRIED_FILE, json.dumps(asdict(carried), indent=2, ensure_ascii=False) + "\n")
    return carried


def read_carried(folder: Path) -> CarriedModel:
    """Read `CARRIED_FILE`.

    Raises:
        InputError: missing, damaged or of another layout.
    """
    file = folder / CARRIED_FILE
    try:
        content = json.loads(file.read_bytes())
        changes = tuple(ScoreChange(**change) for change in content["compression"]["changes"])
        compression = Compression(**{**content["compression"], "changes": changes})
        first, second = content["ranks"]
        carried = CarriedModel(**{**content, "compression": compression, "ranks": (int(first), int(second))})
        texts = [getattr(carried, each.name) for each in fields(CarriedModel) if each.type == "str"]
        if carried.storage not in IN_WORDS or not all(isinstance(text, str) for text in texts):
            raise ValueError("unknown storage or checksums that are no text")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{file} is no record of a model that was carried back ({error}): bring it back again"
        ) from error
    return carried


def carried_card(carried: CarriedModel, drafted: Draft, found: Agreed, commands: Sequence[str]) -> Card:
    """The card of a model that was carried back.

    Raises:
        InputError: it was made of another run, or any reason of `release.make_card`.
    """
    there = (
        carried.settings,
        carried.epochs,
        carried.cases_sha256,
        carried.folds_sha256,
        carried.further_sha256,
    )
    record = found.record
    here = (
        config_as_json(found.settings),
        found.epochs,
        record.cases_sha256,
        record.folds_sha256,
        found.further_sha256,
    )
    if there != here:
        raise InputError(
            f"the model that was carried back was trained on other cases or folds than run {found.record.run}, or with "
            "other settings: name the run it went on from with --crossval"
        )
    card = release.make_card(
        drafted.wanted.model,
        drafted.table,
        found.scores,
        drafted.preset,
        found.settings,
        found.record,
        commands=(*terms.import_commands((*drafted.wanted.cases, *drafted.wanted.also)), *commands),
        further=drafted.further.table if drafted.further and found.further else None,
    )
    trained = card.architecture.trained
    if found.settings.ranks != carried.ranks:
        trained = f"{trained}; afterwards fc6 and fc7 were replaced by low-rank factors"
    architecture = replace(card.architecture, ranks=carried.ranks, trained=trained, storage=IN_WORDS[carried.storage])
    return replace(card, architecture=architecture, compression=carried.compression)


def bring_back(
    folder: Path,
    to: Path,
    carried: CarriedModel,
    drafted: Draft,
    found: Agreed,
    commands: Sequence[str],
    *,
    gone: Callable[[str], None] = lambda path: None,
) -> Card:
    """Join the pieces and write the model with its card and the scores behind the card's figures.

    What an earlier release left there goes first: it was measured with other weights.

    Args:
        folder: what came back.
        to: folder of the model.
        carried: read from `folder`.
        drafted: of the run it went on from.
        found: likewise.
        commands: how it was made, after the imports.
        gone: told each file of an earlier release that is removed.

    Raises:
        InputError: pieces that are missing or changed, or any reason of `carried_card`.
    """
    card = replace(carried_card(carried, drafted, found, commands), weights_sha256=carried.weights_sha256)
    check_card(card)
    whole = join_file(folder, WEIGHTS_FILE, to / f"{WEIGHTS_FILE}.back")
    try:
        if sha256_of(whole) != carried.weights_sha256:
            raise InputError(f"the pieces in {folder} are not what was sent (checksum): bring them back again")
        load_weights(whole, card.architecture.ranks, card.architecture.normalisation)
        for path in forget_release(to):
            gone(path)
        whole.replace(to / WEIGHTS_FILE)
    finally:
        whole.unlink(missing_ok=True)
    write_card(card, to)
    write_scores(found.scores, kept_scores.out_of_fold_of(to, found.record.scheme))
    write_run(found.record, kept_scores.scores_folder(to))
    return card

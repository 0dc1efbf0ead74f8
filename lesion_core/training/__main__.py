"""Units of work on a machine that may be cut off: ``python -m lesion_core.training fold``, ``final`` or ``shift``.

Needs torch, torchvision, pandas, scikit-learn, safetensors, pillow and accelerate and nothing else, a pack and the
trunk beside it. Exit code 0: finished; 3: left off in time, the same command goes on; 2: an error that says what to do.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lesion_core.cases.table import read_cases
from lesion_core.errors import LesionError
from lesion_core.model.trunk_file import TRUNK_FILE, read_trunk
from lesion_core.results.scores import read_scores
from lesion_core.training.carried import agreed, draft_again, train_and_carry
from lesion_core.training.crossval import SCORES_FILE, finished, run_fold
from lesion_core.training.deadline import Deadline
from lesion_core.training.final import in_order
from lesion_core.training.finetune import Report
from lesion_core.training.plan import ExampleStore, Plan
from lesion_core.training.planning import Draft, Wanted, check_start, complete, draft
from lesion_core.training.run_record import read_run
from lesion_core.training.shift import FoldsAgain
from lesion_core.training.shift_carried import folds_again
from lesion_core.training.snapshot import SNAPSHOT_FILE, EpochRecord

FINISHED, WRONG, LEFT_OFF = 0, 2, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    deadline = Deadline(wanted.minutes)
    try:
        finished = {"fold": _fold, "final": _final, "shift": _shift}[wanted.unit](wanted, deadline)
    except LesionError as error:
        print(f"error: {error}", file=sys.stderr)
        return WRONG
    if not finished:
        print("left off in time; the same command goes on from the snapshot")
    return FINISHED if finished else LEFT_OFF


def _fold(wanted: argparse.Namespace, deadline: Deadline) -> bool:
    given = Wanted(
        tuple(wanted.cases),
        wanted.model,
        wanted.preset,
        wanted.scheme or None,
        wanted.folds,
        wanted.seed,
        cpu=wanted.cpu,
        cache=wanted.cache,
        also=tuple(wanted.also),
    )
    drafted = draft(given, wanted.out)
    plan = _plan(wanted, drafted)
    store = ExampleStore(plan, _tell)
    report = _reporter(deadline)
    return all(
        (finished(plan, number) is not None or not deadline.between)
        and run_fold(plan, number, store, report=report, tell=lambda line: print(line, flush=True), stop=deadline)
        for number in wanted.fold
    )


def _final(wanted: argparse.Namespace, deadline: Deadline) -> bool:
    drafted = draft_again(wanted.cases, wanted.crossval, cpu=wanted.cpu, cache=wanted.cache, also=tuple(wanted.also))
    found = agreed(drafted, wanted.crossval)
    plan = _plan(wanted, drafted)
    check_start(plan, found.record, wanted.crossval)
    carried = train_and_carry(
        plan,
        found,
        wanted.out,
        ranks=tuple(wanted.ranks),
        report=_reporter(deadline),
        stop=deadline,
        progress=_tell,
    )
    if carried is None:
        return False
    (wanted.out / SNAPSHOT_FILE).unlink(missing_ok=True)
    for change in carried.compression.changes:
        print(change.sentence)
    return True


def _shift(wanted: argparse.Namespace, deadline: Deadline) -> bool:
    record = read_run(wanted.crossval)
    drafted = draft_again(wanted.cases, wanted.crossval, cpu=wanted.cpu, cache=wanted.cache, also=tuple(wanted.also))
    drafted.check_fits(record, wanted.crossval)
    alone = in_order(read_scores(wanted.crossval / SCORES_FILE), drafted.table)
    other = read_cases(wanted.on)
    plan = _plan(wanted, drafted)
    check_start(plan, record, wanted.crossval)
    trained = FoldsAgain(plan, record, alone, other)
    numbers = wanted.fold or drafted.scheme.folds
    found = folds_again(
        trained,
        numbers,
        wanted.out,
        report=_reporter(deadline),
        stop=deadline,
        tell=lambda line: print(line, flush=True),
    )
    return found is not None


def _plan(wanted: argparse.Namespace, drafted: Draft) -> Plan:
    trunk = wanted.trunk or wanted.cases[0].parent.parent / TRUNK_FILE
    plan = complete(drafted, _tell, weights=read_trunk(trunk))
    print(f"preset {plan.shown_preset}, folds {plan.scheme.name}; first weights: {plan.weights.description}")
    return plan


def _reporter(deadline: Deadline) -> Report:
    def report(record: EpochRecord) -> None:
        deadline.epoch_took(record.seconds)
        watched = "" if record.validation_auc is None else f", validation AUC {record.validation_auc:.3f}"
        rate = record.images / record.seconds
        print(f"epoch {record.epoch}: loss {record.loss:.4f}{watched}, {rate:.0f} images/s", flush=True)

    return report


def _tell(what: str, done: int, total: int) -> None:
    if done % 500 == 0 or done == total:
        print(f"{what}: {done}/{total}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m lesion_core.training", description=__doc__)
    units = parser.add_subparsers(dest="unit", required=True)
    fold = units.add_parser("fold", help="train and score one fold, or several in one process")
    fold.add_argument("--fold", type=int, nargs="+", required=True, help="their numbers")
    fold.add_argument("--model", default="bnet", help="tnet, bnet or tbnet")
    fold.add_argument("--preset", default="paper", help="protocol of the training")
    fold.add_argument("--scheme", default="", help="which given folds, by name")
    fold.add_argument("--folds", type=int, default=10, help="how many, where none are named")
    fold.add_argument("--seed", type=int, default=0, help="added to the preset's seeds")
    final = units.add_parser("final", help="train on all cases, make it compact, measure that")
    final.add_argument("--crossval", type=Path, required=True, help="the merged run: run.json, scores.csv, folds.csv")
    final.add_argument("--ranks", type=int, nargs=2, default=(64, 64), help="highest ranks of fc6 and fc7")
    shift = units.add_parser("shift", help="train folds of a finished run again, and score other cases with each")
    shift.add_argument("--crossval", type=Path, required=True, help="the merged run: run.json, scores.csv, folds.csv")
    shift.add_argument("--on", type=Path, required=True, help="cases.csv of the pack that they score")
    shift.add_argument("--fold", type=int, nargs="+", help="numbers of the folds; left out: all of them")
    for unit in (fold, final, shift):
        unit.add_argument("cases", type=Path, nargs="+", help="cases.csv of a pack; several are joined (TBNet)")
        unit.add_argument(
            "--also", type=Path, action="append", default=[], help="further cases.csv, only ever learnt from"
        )
        unit.add_argument("--out", type=Path, required=True, help="folder of the run, or of the final model")
        unit.add_argument("--trunk", type=Path, help="first weights; left out: trunk.safetensors of the pack")
        unit.add_argument("--minutes", type=float, default=8.0, help="leave off in time before so many")
        unit.add_argument("--cpu", action="store_true", help="stay on the CPU")
        unit.add_argument("--cache", type=Path, default=Path(".cache/features"), help="folder of kept features")
    return parser


if __name__ == "__main__":
    sys.exit(main())

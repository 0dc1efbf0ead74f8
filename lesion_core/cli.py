"""The command line: ``python -m lesion_core <command>``.

One file per command in ``commands``; each imports what it needs only when it is called, so ``--help`` is quick.
"""

from __future__ import annotations

import sys

import typer

from lesion_core.commands import (
    agreement,
    apart,
    attributes,
    audit,
    augment,
    bench,
    borders,
    calibration,
    cohort,
    crossval,
    evaluate,
    export,
    figures,
    import_,
    keep,
    linear,
    merge,
    models,
    outline,
    pack,
    predict,
    publish,
    readers,
    reference,
    rehearse,
    seeds,
    shift,
    split,
    stability,
    study,
    subgroups,
    train,
)
from lesion_core.errors import LesionError
from lesion_core.notice import NOTICE

app = typer.Typer(
    name="python -m lesion_core",
    help=f"Classify thyroid and breast lesions in ultrasound images. {NOTICE}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("predict")(predict.predict)
app.command("models")(models.models)
app.command("import")(import_.import_)
app.command("audit")(audit.audit)
app.command("split")(split.split)
app.command("cohort")(cohort.cohort)
app.command("borders")(borders.borders)
app.command("agreement")(agreement.agreement)
app.command("attributes")(attributes.attributes)
app.command("augment")(augment.augment)
app.command("crossval")(crossval.crossval)
app.command("merge")(merge.merge)
app.command("keep")(keep.keep)
app.command("train")(train.train)
app.command("outline")(outline.outline)
app.command("evaluate")(evaluate.evaluate)
app.command("apart")(apart.apart)
app.command("figures")(figures.figures)
app.command("readers")(readers.readers)
app.command("calibration")(calibration.calibration)
app.command("subgroups")(subgroups.subgroups)
app.command("reference")(reference.reference)
app.command("linear")(linear.linear)
app.command("seeds")(seeds.seeds)
app.command("shift")(shift.shift)
app.command("stability")(stability.stability)
app.command("study")(study.study)
app.command("export")(export.export)
app.command("pack")(pack.pack)
app.command("publish")(publish.publish)
app.command("rehearse")(rehearse.rehearse)
app.command("bench")(bench.bench)


def main() -> None:
    """Run the command line; a user's mistake ends in one plain message and exit code 2."""
    try:
        app()
    except LesionError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)

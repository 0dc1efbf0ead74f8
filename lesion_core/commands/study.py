"""``study``: a study file for the reading room from a case table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

ASKED = ("call", "suspicion", "action", "descriptors", "border")
Design = Literal["single", "sequential", "crossover"]
ComeBack = Literal["no", "last", "any"]


def study(
    cases: Annotated[Path, typer.Argument(help="cases.csv")],
    out: Annotated[Path, typer.Option("--out", help="study file to write, *.study.zip")],
    title: Annotated[str, typer.Option("--title", help="for the readers; it must tell nothing about the cases")],
    *,
    ethics: Annotated[str, typer.Option("--ethics", help="what readers agree to; needed unless --teach")] = "",
    teach: Annotated[bool, typer.Option("--teach", help="reveal the answer after each case")] = False,
    reader: Annotated[list[str] | None, typer.Option("--reader", help="a reader's name; once for each")] = None,
    enrol: Annotated[bool, typer.Option("--enrol", help="whoever has the link may join")] = False,
    ask: Annotated[list[str] | None, typer.Option("--ask", help=f"{', '.join(ASKED)}; once for each")] = None,
    system: Annotated[str, typer.Option("--system", help="ask for a category: bi-rads-us, acr-ti-rads ...")] = "",
    design: Annotated[Design, typer.Option("--design", help="the arms")] = "single",
    benign: Annotated[int, typer.Option("--benign", min=0, help="lesions of label 0 to draw; 0 and 0: all")] = 0,
    malignant: Annotated[int, typer.Option("--malignant", min=0, help="lesions of label 1 to draw")] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="of the draw and of the readers' orders")] = 1,
    block: Annotated[int, typer.Option("--block", min=0, help="cases between two breaks; 0 for none")] = 0,
    repeats: Annotated[int, typer.Option("--repeats", min=0, help="cases read twice")] = 0,
    limit: Annotated[float, typer.Option("--limit", min=0, help="seconds a case is shown; 0 for no limit")] = 0,
    scores: Annotated[Path | None, typer.Option("--scores", help="scores.csv of one model")] = None,
    threshold: Annotated[
        float | None,
        typer.Option("--threshold", min=0, max=1, help="of these scores; a bundled model's own if left out"),
    ] = None,
    washout: Annotated[int, typer.Option("--washout", help="days between the periods of a crossover, 28 or more")] = 28,
    come_back: Annotated[ComeBack, typer.Option("--come-back", help="which answers readers may correct")] = "last",
    mask_calipers: Annotated[bool, typer.Option("--mask-calipers", help="paint found calipers over")] = False,
    mask_top: Annotated[float, typer.Option("--mask-top", min=0, max=40, help="per cent painted over")] = 0,
    mask_bottom: Annotated[float, typer.Option("--mask-bottom", min=0, max=40, help="per cent painted over")] = 0,
    declare: Annotated[bool, typer.Option("--declare", help="tell readers that burned-in marks may be left")] = False,
) -> None:
    """Write a study file (images, labels, rules) for the reading room from a case table."""
    from lesion_core.cases.table import read_cases
    from lesion_core.reading.bundle import Bundle, write_bundle
    from lesion_core.reading.make import Masking, from_cases, marks_of
    from lesion_core.reading.study import Model, Order, Question, Study, checked
    from lesion_core.reading.upload import scores_by_case

    model_name, run, known = scores_by_case(scores) if scores else ("", "", None)
    masking = Masking(calipers=mask_calipers, top=mask_top / 100, bottom=mask_bottom / 100)
    counts = (benign, malignant) if benign or malignant else None
    material = from_cases(read_cases(cases), counts=counts, scores=known, masking=masking, seed=seed)
    asked = ask or ["call"]
    if unknown := sorted(set(asked) - set(ASKED)):
        raise typer.BadParameter(f"--ask {', '.join(unknown)}: choose among {', '.join(ASKED)}")
    made = Study(
        title=title,
        items=material.items,
        question=Question(system=system, **{name: name in asked for name in ASKED}),
        purpose="teach" if teach else "study",
        readers=tuple(reader or ()),
        open_enrolment=enrol,
        design=design,
        washout_days=washout,
        come_back=come_back,
        order=Order(seed=seed, block_size=block, repeats=repeats),
        time_limit_s=limit or None,
        ethics=ethics,
        marks=marks_of(material, masking, declared=declare),
        model=Model(model_name, _threshold(model_name, threshold), material.items[0].target, run) if scores else None,
    )
    write_bundle(Bundle(checked(made), material.images), out)
    images = sum(len(item.views) for item in made.items)
    typer.echo(f"{out}: {len(made.items)} lesions in {images} images, calipers found in {material.calipers} (a floor)")
    for note in material.notes:
        typer.echo(note)


def _threshold(model: str, given: float | None) -> float:
    """The threshold that the aid is worded by: as given, else the bundled model's own."""
    from lesion_core.errors import InputError
    from lesion_core.model.card import bundled_names, model_folder, read_card

    if given is not None:
        return given
    if model in bundled_names():
        return read_card(model_folder(model)).operating_point.threshold
    raise InputError(f"the scores are of {model!r}, which is not bundled: give the --threshold that it is read with")

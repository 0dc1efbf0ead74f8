"""The reference models that are bundled, against the page that tells of them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from lesion_core.cases.folds import Scheme
from lesion_core.errors import InputError
from lesion_core.results.performance import cross_fitted_performance
from lesion_core.results.scores import read_scores, score_rows
from lesion_core.stats.paired import delong_test
from lesion_core.stats.roc import auc
from lesion_core.training import reference_files
from tests.commands.results_page import PAGE
from tests.test_readme import ROOT
from tests.training.phantom_set import make_set

MODELS = ROOT / "checkpoints"
SETS = {"busbra": "BUS-BRA", "ddti": "DDTI"}


@pytest.mark.parametrize(
    ("model", "title", "scheme"),
    [("bnet", "BNet", "busbra-10"), ("tnet", "TNet", "patient-10"), ("tbnet", "TBNet", "busbra-10+patient-10")],
)
def test_the_page_says_what_the_committed_scores_give(model, title, scheme):
    names = ("size-only", "shape-only", "trunk-linear", f"{model}-image-only", model)
    tables = [read_scores(MODELS / name / "scores" / f"{scheme}-out-of-fold.csv") for name in names]
    for name, table in zip(names[:3], tables[:3], strict=True):
        about = json.loads(reference_files.about_file(MODELS / name, scheme).read_text(encoding="utf-8"))
        assert (about["name"], about["images"]) == (name, len(tables[-1])) == (name, len(table))
    for parts in zip(*((table, *table.by_organ()) for table in tables), strict=True):
        sets = " and ".join(SETS[name] for name in sorted({row.dataset for row in parts[0].rows}))
        for unit in ("patient", "image"):
            found = [
                cross_fitted_performance(part, wanted_sensitivity=0.95, unit=unit, taught_by=whole)
                for part, whole in zip(parts, tables, strict=True)
            ]
            cells = list(map(_cell, found))
            assert f"| {title}, {scheme} | {sets} | {unit} | {found[0].auc.n:,} | {' | '.join(cells)} |" in PAGE
            test = _alone_minus_linear(parts[3], parts[2], unit)
            difference = f"{test.value:+.3f} ({test.low:+.3f} to {test.high:+.3f}) | {test.p_value:.3f}"
            assert f"| {title}, {scheme} | {sets} | {unit} | {difference} |" in PAGE


def _cell(found):
    return f"{found.auc.value:.3f} ({found.auc.low:.3f}-{found.auc.high:.3f}); {found.fold_mean:.3f}"


def _alone_minus_linear(alone, linear, unit):
    if unit == "patient":
        one, two = alone.per_patient(), linear.per_patient()
        assert (one[0] == two[0]).all()
        return delong_test(one[0], one[1], two[1])
    there = {row.case_id: row.score for row in linear.rows}
    other = np.array([there[row.case_id] for row in alone.rows])
    return delong_test(alone.labels, alone.scores, other, groups=alone.patients)


def test_size_alone_is_opposed_by_the_fold_it_is_tested_in():
    """What the page says of its areas below 0.5: they do not come of putting folds together."""
    scores = read_scores(MODELS / "size-only" / "scores" / "patient-10-out-of-fold.csv")
    area = {
        fold: auc(scores.labels[scores.folds == fold], scores.scores[scores.folds == fold]) for fold in range(1, 11)
    }
    assert f"({area[7]:.3f} and {area[8]:.3f})" in PAGE
    assert f"below 0.5\n  in {sum(each < 0.5 for each in area.values())} of 10 folds" in PAGE
    about = json.loads(reference_files.about_file(MODELS / "size-only", "patient-10").read_text(encoding="utf-8"))
    assert f"({about['coefficients'][1]:.2f} per log pixel" in PAGE


def test_scores_of_an_external_set_by_another_fit_are_left_alone(tmp_path):
    table = make_set(tmp_path / "set", patients=2, views=1, dataset="other", split="external")
    reference_files.check_external(tmp_path, "a", "{}", table)
    kept = reference_files.external_file(tmp_path, table)
    kept.parent.mkdir()
    kept.write_text("scores")
    with pytest.raises(InputError, match="by another fit than that of a"):
        reference_files.check_external(tmp_path, "a", "{}", table)
    reference_files.about_file(tmp_path, "a").write_text("{}")
    reference_files.check_external(tmp_path, "a", "{}", table)
    with pytest.raises(InputError, match="by another fit than that of a"):
        reference_files.check_external(tmp_path, "a", '{"other": 1}', table)


def test_the_same_fit_on_another_machine_is_no_other(tmp_path):
    table = make_set(tmp_path / "set", patients=2, views=1, dataset="other", split="external")
    kept = reference_files.external_file(tmp_path, table)
    kept.parent.mkdir()
    kept.write_text("scores")
    reference_files.about_file(tmp_path, "a").write_text(json.dumps({"images": 2, "coefficients": [0.1, -2.0]}))
    reference_files.check_external(tmp_path, "a", '{"images": 2, "coefficients": [0.10000000000003, -2.0]}', table)
    for other in ([0.1001, -2.0], [0.1], [0.1, -2.0, 0.0]):
        about = json.dumps({"images": 2, "coefficients": other})
        with pytest.raises(InputError, match="by another fit than that of a"):
            reference_files.check_external(tmp_path, "a", about, table)


def test_scores_of_another_division_of_the_same_name_are_left_alone(tmp_path):
    table = make_set(tmp_path / "set", patients=4, views=1)
    fold = {case.case_id: 1 + at % 2 for at, case in enumerate(table.cases)}
    division = Scheme("patient-2", fold, "patient")
    reference_files.check_division(tmp_path, "patient-2", table, division)
    scores = score_rows(table.cases, [0.5] * len(table), run="r", model="size-only", folds=list(fold.values()))
    reference_files.keep(tmp_path, "patient-2", "{}", scores)
    reference_files.check_division(tmp_path, "patient-2", table, division)
    first, *rest = table.cases
    other = [
        (table, replace(division, fold=fold | {first.case_id: 3 - fold[first.case_id]})),
        (replace(table, cases=tuple(rest)), division),
        (replace(table, cases=(replace(first, label=1 - first.label), *rest)), division),
    ]
    for cases, folds in other:
        with pytest.raises(
            InputError, match=r"other cases, labels or folds \(1 differ\) under the same name patient-2"
        ):
            reference_files.check_division(tmp_path, "patient-2", cases, folds)

"""The reference models that are bundled, against the page that tells of them."""

import json

import pytest

from lesion_core.errors import InputError
from lesion_core.results.performance import cross_fitted_performance
from lesion_core.results.scores import read_scores
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
            areas = [
                cross_fitted_performance(part, wanted_sensitivity=0.95, unit=unit, taught_by=whole).auc
                for part, whole in zip(parts, tables, strict=True)
            ]
            figures = " | ".join(f"{area.value:.3f} ({area.low:.3f}-{area.high:.3f})" for area in areas)
            assert f"| {title}, {scheme} | {sets} | {unit} | {areas[0].n:,} | {figures} |" in PAGE


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

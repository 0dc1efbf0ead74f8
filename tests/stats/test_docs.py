"""The page on statistics names what exists, and all of it."""

import importlib
import pkgutil
import re
from pathlib import Path

import lesion_core.stats

TEXT = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")
INNER = {"estimate", "inputs", "distributions", "wald", "logistic", "figures", "standard_errors", "bisection"}


def test_every_name_exists():
    named = re.findall(r"`([a-z_]+)\.([A-Za-z_]+)`", TEXT)
    assert len(named) > 60
    for module, name in named:
        if module == "lesion_core":
            continue
        if module == "results":
            importlib.import_module(f"lesion_core.results.{name}")
            continue
        folder = "results" if module in ("consistency", "paper_review", "paper_findings") else "stats"
        assert hasattr(importlib.import_module(f"lesion_core.{folder}.{module}"), name), f"{module}.{name}"


def test_every_module_is_named():
    modules = {module.name for module in pkgutil.iter_modules(lesion_core.stats.__path__)}
    assert modules >= INNER
    for module in modules - INNER:
        assert f"`{module}." in TEXT, module


def test_methods_are_all_listed():
    from lesion_core.stats.intervals import AUC_METHODS

    assert all(f"`{method}`" in TEXT for method in AUC_METHODS)


def coverage_rows(head):
    """The table below a bold head of the section on coverage: rows of numbers, widths in brackets left out."""
    section = TEXT.partition(f"**{head}**")[2].partition("\n**")[0].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| 0.")]
    prose = " ".join(" ".join(line for line in section.splitlines() if not line.startswith("|")).split())
    return [[float(cell.split()[0]) for cell in line.strip("| ").split("|")] for line in lines], prose


def test_the_coverage_of_areas_is_told_as_its_table_has_it():
    rows, prose = coverage_rows("Areas")
    by = {(area, n): (delong, hanley, spss) for area, n, delong, _, hanley, spss, *_ in rows}
    for n in (50, 100):
        for area in (0.86, 0.95):
            delong, hanley, spss = by[area, n]
            assert abs(hanley - 95) < abs(delong - 95)
            assert abs(spss - delong) < 1
    assert "Hanley-McNeil's is nearer its level than DeLong's for high areas and few cases" in prose
    assert f"({by[0.95, 50][1]} % in that row)" in prose
    assert f"0.95 with 700 ({by[0.95, 700][1]} %)" in prose


def test_what_views_as_independent_lose_is_told_as_its_table_has_it():
    rows, prose = coverage_rows("Two views per patient")
    areas, rates = ([round(95 - row[at]) for row in rows] for at in (2, 5))
    told = f"{min(areas)} to {max(areas)} points for areas and {min(rates)} to {max(rates)} for rates"
    assert told in prose
    assert f"rates: {min(row[6] for row in rows)} % at least" in prose
    logit = next(row[4] for row in rows if row[:2] == [0.95, 50])
    assert f"most of that ({logit} %)" in prose

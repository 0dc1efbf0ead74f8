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

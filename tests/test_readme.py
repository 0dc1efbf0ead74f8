"""The README stays true: its tree, its commands and its figures."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lesion_core.results.performance import cross_fitted_performance
from lesion_core.results.scores import read_scores

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def tree_paths():
    (tree,) = [block for block in blocks("text") if "lesion_core/" in block]
    paths, parents = [], []
    for line in tree.splitlines():
        indent = len(line) - len(line.lstrip())
        name = line.strip().split("  ")[0].strip()
        if not name:
            continue
        depth = indent // 2
        parents[depth:] = [name]
        paths.append("".join(parents[: depth + 1]))
    return paths


def test_the_annotated_tree_is_the_tree():
    paths = tree_paths()
    assert len(paths) > 15
    missing = [path for path in paths if not (ROOT / path).exists()]
    assert missing == []
    packages = {f"lesion_core/{path.parent.name}/" for path in (ROOT / "lesion_core").glob("*/__init__.py")}
    assert packages <= set(paths)


def test_every_command_of_the_readme_exists():
    listed = subprocess.run(
        [sys.executable, "-m", "lesion_core", "--help"], capture_output=True, text=True, cwd=ROOT, check=True
    ).stdout
    used = set(re.findall(r"python -m lesion_core ([a-z]+)", README))
    assert {"predict", "models", "crossval", "train", "evaluate", "import"} <= used
    assert [name for name in used if not re.search(rf"\b{name}\b", listed)] == []
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"^make ([a-z]+)", README, flags=re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


CARDS = sorted((ROOT / "checkpoints").glob("*/card.json"))


@pytest.mark.parametrize("card_file", CARDS, ids=lambda path: path.parent.name)
def test_figures_in_the_table_are_those_of_the_card(card_file):
    card = json.loads(card_file.read_text())
    for metric in card["metrics"]:
        if metric["name"] == "AUC":
            interval = f"{metric['value']:.3f} ({metric['low']:.3f}-{metric['high']:.3f})"
            row = next((line for line in README.splitlines() if interval in line), None)
            assert row is not None, f"{interval} of {metric['dataset']} per {metric['unit']} is not in the README"
            assert str(metric["n"]) in row


@pytest.mark.parametrize(
    ("row", "model"), [("BNet, BUS-BRA", "bnet"), ("TNet, DDTI", "tnet"), ("TBNet, both", "tbnet")]
)
def test_the_protocols_in_the_table_have_the_figures_of_their_scores(row, model):
    cells = []
    for name in (f"{model}-image-only", f"{model}-best-cpu", f"{model}-compact-image-only", f"{model}-paper"):
        (path,) = (ROOT / "checkpoints" / name / "scores").glob("*-out-of-fold.csv")
        area = cross_fitted_performance(read_scores(path), wanted_sensitivity=0.95, unit="patient").auc
        cells.append(f"{area.value:.3f} ({area.low:.3f}-{area.high:.3f})")
    assert f"| {row} (n = {area.n:,}) | {' | '.join(cells)} |" in README


def test_pictures_and_links_are_there():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_notice_stands_in_the_readme():
    assert "not a medical device" in README


def test_the_readme_names_the_tabs_of_the_page():
    shown = re.findall(r'gr\.Tab\("([^"]+)"', (ROOT / "app.py").read_text(encoding="utf-8"))
    section = README.partition("| tab | what it is for |\n|---|---|\n")[2].partition("\n\n")[0]
    assert len(shown) == 8
    assert [row.split(" | ")[0].removeprefix("| ") for row in section.splitlines()] == shown

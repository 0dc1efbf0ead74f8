"""Stage the Space: the app, the core, the bundled models and their scores, and what the README points to.

Readings that came with a data set are left out, also where they stand as a column among attributes of cases.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from lesion_core.errors import PublishError
from lesion_core.model.card import CARD_FILE
from lesion_core.publish.front_matter import check_space
from lesion_core.publish.model import checked_model
from lesion_core.publish.stage import Stage, copy_file, staged, staging
from lesion_core.results.review.attributes import Attributes, read_attributes, write_attributes

ROOT = Path(__file__).resolve().parents[2]
#: What goes up, from the root of the project. Nothing else does.
FILES = ("README.md", "LICENSE", "app.py", "requirements.txt", "CHANGELOG.md", "DECISIONS.md")
CODE = ("lesion_core", "dashboards")
CODE_SUFFIXES = frozenset({".py", ".html", ".css", ".js", ".csv", ".json", ".mako", ".ini", ".svg", ".R", ".txt"})
MODELS = (
    "README.md",
    "ledger.csv",
    "*/card.json",
    "*/reference*.json",
    "*/weights.safetensors",
    "*/scores/*.csv",
    "*/scores/run.json",
    "*/shift/*.csv",
    "*/stability/*.csv",
)
DOCS = ("*.md", "*.png", "*.svg")
#: Columns among attributes that are somebody's reading.
READINGS = ("rads",)


def stage_space(out: Path, *, root: Path = ROOT, models: Sequence[str] = ()) -> Stage:
    """Stage the Space.

    Args:
        out: new folder, or one of an earlier stage.
        root: of the project.
        models: repositories on the hub that the front matter names.

    Raises:
        CheckpointError: a model's card is damaged.
        PublishError: the front matter is not right, a model is not what its card says, or something must not go up;
            all of it is listed.
    """
    for card in sorted((root / "checkpoints").glob(f"*/{CARD_FILE}")):
        checked_model(card.parent)
    with staging(out) as part:
        for path in _chosen(root):
            copy_file(path, part / path.relative_to(root))
        tracked = _tracked(root)
        for path in sorted((root / "checkpoints" / "attributes").glob("*.csv")):
            if tracked is not None and path not in tracked:
                continue
            _without_readings(path, part / path.relative_to(root))
        for path in sorted((root / "checkpoints" / "attributes").glob("*LICENSE*")):
            copy_file(path, part / path.relative_to(root))
        if models:
            _name_models(part / "README.md", models)
        check_space(part)
        staged(part)
    return staged(out)


def _chosen(root: Path) -> Iterator[Path]:
    """What goes up; from a git checkout nothing that git does not track: it may lie there by accident."""
    tracked = _tracked(root)
    return (path for path in _named(root) if tracked is None or path in tracked)


def _tracked(root: Path) -> frozenset[Path] | None:
    """The files that git tracks; None where the project is no git checkout."""
    if not (root / ".git").exists():
        return None
    try:
        done = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise PublishError(f"git cannot say which files of {root} are tracked ({error}): install git") from error
    return frozenset(root / name for name in done.stdout.split("\0") if name)


def _named(root: Path) -> Iterator[Path]:
    missing = [name for name in FILES if not (root / name).is_file()]
    if missing:
        raise PublishError(f"{root} lacks {', '.join(missing)}: publish from a checkout of the project")
    yield from (root / name for name in FILES)
    for package in CODE:
        for path in sorted((root / package).rglob("*")):
            hidden = any(part.startswith((".", "__pycache__")) for part in path.relative_to(root).parts)
            if path.suffix in CODE_SUFFIXES and not hidden and (path.is_file() or path.is_symlink()):
                yield path
    for folder, patterns in (("checkpoints", MODELS), ("docs", DOCS)):
        for pattern in patterns:
            yield from sorted((root / folder).glob(pattern))


def _without_readings(source: Path, target: Path) -> None:
    known = read_attributes(source, source="")
    kept = {name: column for name, column in known.columns.items() if name not in READINGS}
    target.parent.mkdir(parents=True, exist_ok=True)
    write_attributes(Attributes(known.case_ids, kept), target)


def _name_models(readme: Path, models: Sequence[str]) -> None:
    text = readme.read_text(encoding="utf-8")
    lines = "".join(f"  - {name}\n" for name in models)
    head, mark, rest = text.partition("\n---\n")
    if not mark:
        raise PublishError("README.md has no front matter: it begins with a block between two lines of ---")
    readme.write_text(f"{head}\nmodels:\n{lines}---\n{rest}", encoding="utf-8")

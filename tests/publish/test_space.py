import shutil
import subprocess

import pytest
from huggingface_hub import SpaceCard

from lesion_core.errors import CheckpointError, PublishError
from lesion_core.model.card import bundled_names
from lesion_core.publish.space import ROOT, stage_space
from lesion_core.publish.stage import PICTURES, staged
from lesion_core.results.review.attributes import read_attributes


def tracked():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return set(listed.stdout.splitlines())


def names(stage):
    return {file.name for file in stage.files}


def test_everything_staged_is_committed_and_all_code_is_staged(space):
    known = tracked()
    new = {line for line in names(space) - known if not (ROOT / line).is_file()}
    assert new == set()
    code = {name for name in known if name.startswith(("lesion_core/", "dashboards/", "app.py"))}
    assert code - names(space) == set()


def test_of_the_checkpoints_only_readings_stay_here(space):
    kept = {name for name in tracked() - names(space) if name.startswith("checkpoints/")}
    assert kept == {name for name in tracked() if name.startswith("checkpoints/readings/")}


def test_a_model_that_is_not_what_its_card_says_stops_the_space(tmp_path):
    root = tmp_path / "project"
    model = root / "checkpoints" / "other"
    shutil.copytree(ROOT / "checkpoints" / bundled_names()[0], model)
    for name in ("README.md", "LICENSE", "app.py", "requirements.txt", "CHANGELOG.md", "DECISIONS.md"):
        shutil.copyfile(ROOT / name, root / name)
    assert "checkpoints/other/weights.safetensors" in names(stage_space(tmp_path / "out", root=root))
    (model / "weights.safetensors").write_bytes(b"other")
    with pytest.raises(PublishError, match="is not the file its card describes"):
        stage_space(tmp_path / "out", root=root)
    (model / "card.json").write_text("{}")
    with pytest.raises(CheckpointError, match="changed after it was written"):
        stage_space(tmp_path / "out", root=root)
    assert "checkpoints/other/weights.safetensors" in names(staged(tmp_path / "out"))


def test_no_picture_no_reading_no_test_no_data(space):
    assert not [
        name for name in names(space) if name.lower().endswith(tuple(PICTURES)) and not name.startswith("docs/")
    ]
    assert not [name for name in names(space) if "readings/" in name or name.startswith(("tests", "runs", "."))]
    for path in (space.folder / "checkpoints" / "attributes").glob("*.csv"):
        kept, whole = (read_attributes(each, source="") for each in (path, ROOT / path.relative_to(space.folder)))
        assert "rads" not in kept.columns
        assert set(kept.columns) == set(whole.columns) - {"rads"}
        assert kept.case_ids.tolist() == whole.case_ids.tolist()


def test_models_and_what_the_readme_points_to_are_there(space):
    assert {f"checkpoints/{name}/weights.safetensors" for name in bundled_names()} <= names(space)
    readme = (space.folder / "README.md").read_text(encoding="utf-8")
    import re

    for target in re.findall(r"\]\(([^)#:]+)\)", readme):
        assert (space.folder / target).exists(), target


def test_the_hubs_own_loader_reads_the_front_matter(space):
    data = SpaceCard.load(space.folder / "README.md").data
    assert (data.sdk, data.app_file, data.license) == ("gradio", "app.py", "apache-2.0")
    assert len(data.short_description) <= 60


def test_models_on_the_hub_are_named_on_request(tmp_path):
    stage = stage_space(tmp_path / "space", models=["me/bnet"])
    assert SpaceCard.load(stage.folder / "README.md").data.models == ["me/bnet"]
    assert "# Thyroid and breast lesions" in (stage.folder / "README.md").read_text(encoding="utf-8")


def test_staged_twice_it_is_the_same(space, tmp_path):
    again = stage_space(tmp_path / "space")
    assert [(file.name, file.size) for file in again.files] == [(file.name, file.size) for file in space.files]


def test_from_a_git_checkout_only_tracked_files_go_up(tmp_path):
    root = tmp_path / "project"
    (root / "docs").mkdir(parents=True)
    (root / "lesion_core").mkdir()
    for name in ("README.md", "LICENSE", "app.py", "requirements.txt", "CHANGELOG.md", "DECISIONS.md"):
        shutil.copyfile(ROOT / name, root / name)
    for name in ("docs/shown.md", "lesion_core/a.py"):
        (root / name).write_text("x")
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", "-C", root, *command], check=True)
    for name in ("docs/patient.png", "docs/notes.md", "lesion_core/tried.py"):
        (root / name).write_text("x")
    found = names(stage_space(tmp_path / "out", root=root))
    assert {"docs/shown.md", "lesion_core/a.py"} <= found
    assert not found & {"docs/patient.png", "docs/notes.md", "lesion_core/tried.py"}


def test_what_lies_around_is_not_taken_along(tmp_path):
    root = tmp_path / "project"
    for name in ("README.md", "LICENSE", "app.py", "requirements.txt", "CHANGELOG.md", "DECISIONS.md"):
        root.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, root / name)
    for name in (
        "lesion_core/a.py",
        "lesion_core/__pycache__/a.pyc",
        "lesion_core/.hidden.py",
        "lesion_core/patient.png",
        "dashboards/a.pyi",
        "checkpoints/readings/busbra.csv",
        "checkpoints/bnet/notes.txt",
        "runs/cases.csv",
        "notes.md",
        ".env",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    assert names(stage_space(tmp_path / "out", root=root)) == {
        "README.md",
        "LICENSE",
        "app.py",
        "requirements.txt",
        "CHANGELOG.md",
        "DECISIONS.md",
        "lesion_core/a.py",
    }
    (root / "lesion_core" / "link.py").symlink_to("/etc/hostname")
    with pytest.raises(PublishError, match="no plain file"):
        stage_space(tmp_path / "out", root=root)
    with pytest.raises(PublishError, match=r"lacks README\.md"):
        stage_space(tmp_path / "out2", root=tmp_path)

import hashlib
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from lesion_core.cli import app
from lesion_core.publish.space import ROOT
from lesion_core.publish.stage import size_text
from tests.publish.hub import TOKEN, Hub


def run(*arguments):
    return CliRunner().invoke(app, ["publish", *map(str, arguments)], catch_exceptions=False)


def test_a_dry_run_stages_and_shows_and_sends_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    result = run("model", "bnet", "--dry-run", "--out", tmp_path / "stage")
    assert result.exit_code == 0
    assert "weights.safetensors" in result.output
    assert size_text((ROOT / "checkpoints" / "bnet" / "weights.safetensors").stat().st_size) in result.output
    assert "nothing went up; staged in" in result.output
    assert (tmp_path / "stage" / "README.md").is_file()
    run("model", "bnet", "--dry-run", "--out", tmp_path / "stage")


@pytest.fixture
def hub():
    made = Hub()
    server, made.url = made.serve()
    yield made
    server.shutdown()
    server.server_close()


def publish(hub, tmp_path, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "lesion_core", "publish", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=settings(hub, tmp_path, **environment),
    )


def settings(hub, tmp_path, **environment):
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("HF_")},
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        **environment,
    }


def test_the_command_publishes_through_huggingface_hubs_own_settings(hub, tmp_path):
    done = publish(hub, tmp_path, "space", "me/lesions", HF_TOKEN=TOKEN)
    assert done.returncode == 0, done.stderr
    assert f"created {hub.url}/spaces/me/lesions (private: only you see it), revision " in done.stdout
    space = hub.repos["space", "me/lesions"]
    assert space.private
    assert b"sdk: gradio" in space.files["README.md"]
    assert "lesion_core/publish/hub.py" in space.files
    refused = publish(hub, tmp_path, "model", "bnet")
    assert refused.returncode == 2
    assert "there is no token" in refused.stderr
    assert "Traceback" not in refused.stderr
    done = publish(hub, tmp_path, "model", "bnet", "--space", "me/lesions", HF_TOKEN=TOKEN)
    assert done.returncode == 0, done.stderr
    page = hub.repos["model", "me/bnet"].files["README.md"].decode()
    assert "https://huggingface.co/spaces/me/lesions" in page


def test_killed_while_the_weights_go_up_and_repeated_it_ends_in_the_same_state(hub, tmp_path):
    weights = (ROOT / "checkpoints" / "bnet" / "weights.safetensors").read_bytes()
    hub.held_up = f"/lfs/{hashlib.sha256(weights).hexdigest()}"
    started = subprocess.Popen(
        [sys.executable, "-m", "lesion_core", "publish", "model", "bnet", "--repo", "me/bnet"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=settings(hub, tmp_path, HF_TOKEN=TOKEN),
    )
    try:
        assert hub.waiting.wait(120)
    finally:
        started.kill()
        started.wait()
        hub.released.set()
    repo = hub.repos["model", "me/bnet"]
    assert set(repo.files) == {".gitattributes"}
    assert hub.stored == {}
    states = []
    for word in ("updated", "updated"):
        done = publish(hub, tmp_path, "model", "bnet", "--repo", "me/bnet", HF_TOKEN=TOKEN)
        assert done.returncode == 0, done.stderr
        assert f"{word} {hub.url}/me/bnet" in done.stdout
        states.append((dict(repo.files), len(repo.commits)))
    assert states[0] == states[1]
    assert repo.files["weights.safetensors"] == weights
    assert len(hub.arrived) == 1


def test_without_a_network(tmp_path):
    class Nowhere:
        url = "http://127.0.0.1:9"

    done = publish(Nowhere, tmp_path, "model", "bnet", "--repo", "me/bnet", HF_TOKEN=TOKEN)
    assert done.returncode == 2
    assert "the hub cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr

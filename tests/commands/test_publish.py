import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from lesion_core.cli import app
from lesion_core.publish.space import ROOT
from tests.publish.hub import TOKEN, Hub


def run(*arguments):
    return CliRunner().invoke(app, ["publish", *map(str, arguments)], catch_exceptions=False)


def test_a_dry_run_stages_and_shows_and_sends_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    result = run("model", "bnet", "--dry-run", "--out", tmp_path / "stage")
    assert result.exit_code == 0
    assert "weights.safetensors" in result.output
    assert "24.9 MB" in result.output
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
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("HF_")},
            "HF_ENDPOINT": hub.url,
            "HF_HOME": str(tmp_path / "hf"),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            **environment,
        },
    )


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

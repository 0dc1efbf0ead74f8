import re
import sys

import pytest
from typer.testing import CliRunner

from lesion_core.cli import app
from lesion_core.errors import PublishError
from lesion_core.model.card import bundled_names, model_folder, read_card
from lesion_core.publish import rehearse as rehearsal
from lesion_core.publish.rehearse import Answer, Rehearsal, rehearse, staged_models
from lesion_core.publish.stage import staged


def test_the_staged_space_starts_by_itself_and_answers(space):
    """With this interpreter; `python -m lesion_core rehearse` does the same in a fresh environment."""
    result = CliRunner().invoke(
        app, ["rehearse", str(space.folder), "--python", sys.executable], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    for name in bundled_names():
        limit = read_card(model_folder(name)).operating_point.threshold
        assert re.search(rf"{name} answers after \d+\.\d s: Score .* the threshold {limit:.2f}", result.output)
    assert "of the 16.0 GB of a CPU Space" in result.output


def test_an_app_that_does_not_start_is_told(tmp_path):
    (tmp_path / "app.py").write_text("raise SystemExit('no such thing')\n")
    with pytest.raises(PublishError, match="the app does not start:\nno such thing"):
        rehearse(staged(tmp_path), ["bnet"], python=sys.executable)
    with pytest.raises(PublishError, match="has no model that could be asked"):
        rehearse(staged(tmp_path), python=sys.executable)


@pytest.fixture
def other_app(tmp_path):
    """An app that serves nothing but errors."""
    server = "import http.server, os\nport = int(os.environ['GRADIO_SERVER_PORT'])\n"
    (tmp_path / "app.py").write_text(
        server + "http.server.HTTPServer(('127.0.0.1', port), http.server.BaseHTTPRequestHandler).serve_forever()\n"
    )
    return staged(tmp_path)


def test_an_app_that_does_not_answer_is_told(other_app):
    with pytest.raises(PublishError, match=r"the app does not answer: [\s\S]*it wrote:\n[\s\S]*GET / HTTP"):
        rehearse(other_app, ["bnet"], python=sys.executable)


def test_requirements_that_cannot_be_installed_are_told(tmp_path, monkeypatch):
    class Failed:
        returncode, stderr = 1, "no matching distribution"

    monkeypatch.setattr(rehearsal.subprocess, "run", lambda *args, **more: Failed)
    with pytest.raises(PublishError, match="cannot be installed: no matching distribution"):
        rehearse(staged(tmp_path), ["bnet"])


def test_a_fresh_environment_goes_to_a_new_folder_and_stays(tmp_path, monkeypatch, space):
    with pytest.raises(PublishError, match="is there already"):
        rehearse(space, environment=tmp_path)
    asked = []

    def made(folder, venv):
        asked.append((folder, venv))
        (venv / "bin").mkdir(parents=True)
        (venv / "bin" / "python").write_text("#!/bin/sh\necho no torch\nexit 1\n")
        (venv / "bin" / "python").chmod(0o755)
        return str(venv / "bin" / "python")

    monkeypatch.setattr(rehearsal, "_environment", made)
    with pytest.raises(PublishError, match="the app does not start:\nno torch"):
        rehearse(space, environment=tmp_path / "venv")
    assert asked == [(space.folder, tmp_path / "venv")]
    assert (tmp_path / "venv" / "bin" / "python").is_file()


def test_what_was_measured_in_words():
    answers = (Answer("bnet", 1.2, "Score 0.5"), Answer("tnet", 0.4, "Score 0.6"))
    assert Rehearsal(27_300_000, 5_400_000_000, 61.0, 9.6, 1_500_000_000, answers).lines() == [
        "staged 27.3 MB, environment 5.4 GB in 61 s, of the 50.0 GB of a CPU Space",
        "page after 9.6 s",
        "bnet answers after 1.2 s: Score 0.5",
        "tnet answers after 0.4 s: Score 0.6",
        "peak memory 1.5 GB of the 16.0 GB of a CPU Space",
    ]


def test_more_than_a_cpu_space_has_is_refused(monkeypatch, other_app):
    monkeypatch.setattr(rehearsal, "SPACE_MEMORY", 1000)
    monkeypatch.setattr(rehearsal, "_ask", lambda *_: ())
    with pytest.raises(PublishError, match="more than a CPU Space has: staged"):
        rehearse(other_app, ["bnet"], python=sys.executable)


def test_the_models_of_a_stage_are_those_with_a_card(space):
    assert staged_models(space) == bundled_names()


def test_nothing_of_this_machine_is_handed_on():
    given = {"PATH": "/bin", "HF_TOKEN": "x", "LESION_CASES": "y", "PYTHONPATH": "z", "HOME": "/root"}
    assert rehearsal._clean(given) == {"PATH": "/bin", "HOME": "/root"}

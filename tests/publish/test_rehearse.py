import sys

import pytest
from typer.testing import CliRunner

from lesion_core.cli import app
from lesion_core.errors import PublishError
from lesion_core.publish import rehearse as rehearsal
from lesion_core.publish.rehearse import Rehearsal, rehearse
from lesion_core.publish.stage import staged


def test_the_staged_space_starts_by_itself_and_answers(space):
    """With this interpreter; `python -m lesion_core rehearse` does the same in a fresh environment."""
    result = CliRunner().invoke(
        app, ["rehearse", str(space.folder), "--python", sys.executable], catch_exceptions=False
    )
    assert result.exit_code == 0
    assert "the threshold 0.13" in result.output
    assert "of the 16.0 GB of a CPU Space" in result.output


def test_an_app_that_does_not_start_is_told(tmp_path):
    (tmp_path / "app.py").write_text("raise SystemExit('no such thing')\n")
    with pytest.raises(PublishError, match="the app does not start:\nno such thing"):
        rehearse(staged(tmp_path), "bnet", python=sys.executable)


def test_an_app_that_does_not_answer_is_told(tmp_path):
    server = "import http.server, os\nport = int(os.environ['GRADIO_SERVER_PORT'])\n"
    (tmp_path / "app.py").write_text(
        server + "http.server.HTTPServer(('127.0.0.1', port), http.server.BaseHTTPRequestHandler).serve_forever()\n"
    )
    with pytest.raises(PublishError, match="the app does not answer"):
        rehearse(staged(tmp_path), "bnet", python=sys.executable)


def test_requirements_that_cannot_be_installed_are_told(tmp_path, monkeypatch):
    class Failed:
        returncode, stderr = 1, "no matching distribution"

    monkeypatch.setattr(rehearsal.subprocess, "run", lambda *args, **more: Failed)
    with pytest.raises(PublishError, match="cannot be installed: no matching distribution"):
        rehearse(staged(tmp_path), "bnet")


def test_what_was_measured_in_words():
    lines = Rehearsal(27_300_000, 5_400_000_000, 61.0, 9.6, 1.2, 1_500_000_000, "Score 0.5").lines()
    assert lines[0] == "staged 27.3 MB, environment 5.4 GB in 61 s"
    assert "page after 9.6 s, first answer 1.2 s later" in lines
    assert "peak memory 1.5 GB" in lines[2]


def test_nothing_of_this_machine_is_handed_on():
    given = {"PATH": "/bin", "HF_TOKEN": "x", "LESION_CASES": "y", "PYTHONPATH": "z", "HOME": "/root"}
    assert rehearsal._clean(given) == {"PATH": "/bin", "HOME": "/root"}

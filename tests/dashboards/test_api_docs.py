"""docs/api.md: its examples run against the app, and it names the endpoints there are."""

import contextlib
import io
import re
import shutil
import socket
from pathlib import Path

import pytest
from gradio_client import Client
from PIL import Image

import app
from lesion_core.imaging.phantom import EXAMPLES, example
from lesion_core.model.card import model_folder, read_card
from lesion_core.notice import NOTICE

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES_OF = dict(re.findall(r"## /(\w+)\n.*?```python\n(.*?)```", PAGE, flags=re.DOTALL))


@pytest.fixture(scope="module")
def url():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page = app.build()
    page.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", server_port=port, run_history=False)
    yield f"http://127.0.0.1:{port}/"
    page.close(verbose=False)


def test_the_endpoints_there_are(url):
    found = Client(url, verbose=False).view_api(return_format="dict", print_info=False)
    assert set(EXAMPLES_OF) == {"classify", "augment", "statistics"}
    assert set(found["named_endpoints"]) == {f"/{name}" for name in EXAMPLES_OF}
    assert found["unnamed_endpoints"] == {}
    assert NOTICE.rstrip(".").lower() in " ".join(PAGE.split()).lower()


@pytest.mark.parametrize("name", EXAMPLES_OF)
def test_the_examples_run(url, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(example(next(iter(EXAMPLES))).pixels).save("scan.png")
    (scores,) = (model_folder("bnet") / "scores").glob("*out-of-fold.csv")
    shutil.copyfile(scores, "scores.csv")
    monkeypatch.setattr("gradio_client.Client.__init__", _quiet(Client.__init__))
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(EXAMPLES_OF[name], {"URL": url})
    area = next(each for each in read_card(model_folder("bnet")).metrics if each.name == "AUC")
    expected = {
        "classify": "the threshold",
        "augment": "augmentation.zip",
        "statistics": f"bnet {area.unit} {area.value:.6f}",
    }
    assert expected[name] in said.getvalue()


def _quiet(start):
    return lambda self, *args, **more: start(self, *args, **{**more, "verbose": False})

import io
import zipfile
from pathlib import Path

import gradio as gr
import pytest
from PIL import Image

from dashboards.endpoints import augment_api, statistics_api
from lesion_core.imaging.phantom import EXAMPLES, example
from lesion_core.model.card import model_folder, read_card


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    path = tmp_path_factory.mktemp("scan") / "scan.png"
    Image.fromarray(example(next(iter(EXAMPLES))).pixels).save(path)
    return str(path)


BORDER = [[200, 140], [320, 110], [440, 140], [440, 280], [320, 310], [200, 280]]


def names(path):
    return zipfile.ZipFile(io.BytesIO(Path(path).read_bytes())).namelist()


@pytest.mark.parametrize(("border", "model"), [(BORDER, None), ({"points": BORDER}, "bnet"), (None, None), ([], "")])
def test_the_eight_variants_and_a_rank(scan, border, model):
    found = names(augment_api(scan, border, model, 40))
    assert sum(name.startswith("variants/") for name in found) == 8
    assert "rank_40.png" in found
    assert "rank_101.png" in names(augment_api(scan, border, model, None))


def test_statistics(tmp_path):
    scores = model_folder("bnet") / "scores" / "busi-external.csv"
    (run,) = statistics_api(str(scores), 0.127209)["runs"]
    (area,) = [m.value for m in read_card(model_folder("bnet")).metrics if (m.name, m.dataset) == ("AUC", "BUSI")]
    assert run["figures"][0]["auc"]["value"] == pytest.approx(area, abs=5e-4)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda scan: augment_api(None, None, None, None), "there is no image yet"),
        (lambda scan: augment_api(scan, BORDER, None, 0), "rank 0 is not from 1 to 224"),
        (lambda scan: augment_api(scan, [[1, 2]], None, None), "at least"),
        (lambda scan: augment_api(scan, BORDER, "../x", None), "no model named"),
        (lambda scan: statistics_api(None, None), "send a scores.csv"),
        (lambda scan: statistics_api(scan, None), "no UTF-8 text"),
        (lambda scan: statistics_api(str(model_folder("bnet") / "scores" / "busi-external.csv"), 2), "from 0 to 1"),
    ],
)
def test_mistakes_are_one_sentence(scan, call, words):
    with pytest.raises(gr.Error, match=words):
        call(scan)


def test_a_table_that_is_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "scores.csv"
    with path.open("wb") as file:
        file.truncate(60_000_001)
    with pytest.raises(gr.Error, match="has 60 MB: tables of up to 60 MB"):
        statistics_api(str(path), None)

import re

import pytest

from lesion_core.cli import app
from lesion_core.errors import InputError
from lesion_core.model.card import FOLDER_VARIABLE
from tests.commands.conftest import command
from tests.test_readme import ROOT

DOCS = (ROOT / "docs" / "readers.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def printed():
    done = command("readers", "bnet")
    assert done.exit_code == 0, done.output
    return done.output


def test_every_figure_of_the_docs_is_printed(printed):
    _, _, section = DOCS.partition("python -m lesion_core readers bnet")
    table = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("|")]
    plain = printed.replace(" (95 % CI ", " (").replace(" (90 % CI ", " (").replace(" to ", "-")
    figures = re.findall(r"-?\d\.\d{3} \(-?\d\.\d{3}-{1,2}\d\.\d{3}", "\n".join(table).replace(" to ", "-"))
    assert len(figures) >= 12
    assert [each for each in figures if each not in plain] == []


def test_it_says_what_it_is_about(printed):
    assert "n = 1064, 342 of label 1; called from category 4 on" in printed
    assert "one radiologist, who also drew the borders" in printed
    assert "No claim about radiologists follows" in printed
    assert "not a medical device" in printed
    assert "outperform" not in printed


def test_a_model_without_scores_or_without_a_reader(tmp_path, monkeypatch):
    with pytest.raises(
        InputError, match=r"no run with out-of-fold scores of 'xnet' .* choose one of bnet@bnet-best-cv"
    ):
        command("readers", "xnet")
    with pytest.raises(InputError, match="no reader is known for DDTI"):
        command("readers", "tnet")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with pytest.raises(InputError, match="choose one of none"):
        command("readers", "bnet")


def test_the_command_is_there():
    assert "readers" in {each.name for each in app.registered_commands}

import shutil

from lesion_core.model.card import model_folder, read_card, write_card
from tests.commands.conftest import command


def test_figures_are_made_again_from_the_scores(tmp_path):
    folder = tmp_path / "tnet"
    shutil.copytree(model_folder("tnet"), folder, ignore=shutil.ignore_patterns("*.safetensors"))
    card = read_card(folder)
    assert f"9 figures, card as it was, version {card.version}" in command("figures", folder).output
    write_card(_without_notes(card), folder)
    assert "9 figures, card written" in command("figures", folder).output
    assert read_card(folder) == card


def _without_notes(card):
    from dataclasses import replace

    return replace(card, metrics=tuple(replace(each, note="") for each in card.metrics))

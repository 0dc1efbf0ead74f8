import shutil

from lesion_core.model.card import model_folder, read_card, write_card
from tests.commands.conftest import command


def test_figures_are_made_again_from_the_scores(tmp_path):
    folder = tmp_path / "tnet"
    bundled = model_folder("tnet")
    for each in (bundled, *bundled.parent.glob("tnet-seed-*"), bundled.with_name("tnet-image-only")):
        shutil.copytree(each, tmp_path / each.name, ignore=shutil.ignore_patterns("*.safetensors"))
    card = read_card(folder)
    figures = f"{len(card.metrics)} figures"
    assert f"{figures}, card as it was, version {card.version}" in command("figures", folder).output
    write_card(_without_notes(card), folder)
    assert f"{figures}, card written" in command("figures", folder).output
    assert read_card(folder) == card


def _without_notes(card):
    from dataclasses import replace

    return replace(card, metrics=tuple(replace(each, note="") for each in card.metrics))

import shutil
from dataclasses import replace

from lesion_core.model.card import CARD_FILE, read_card, write_card
from tests.commands.conftest import command


def test_models_are_listed_with_their_headline_figures(workshop):
    result = command("models")
    card = read_card(workshop.models / "bnet")
    assert result.exit_code == 0
    assert f"bnet  BNet (breast), mixed, version {card.version}" in result.output
    for metric in (each for each in card.metrics if each.name == "AUC"):
        assert (
            f"    AUC {metric.value:.3f} ({metric.low:.3f}-{metric.high:.3f}) per {metric.unit}, n = {metric.n}, "
            f"Phantoms, {metric.protocol}, class 1: {metric.label}" in result.output
        )
    assert "not a medical device" in result.output


def test_figures_under_several_label_rules_of_one_set_are_told_apart(workshop):
    card = read_card(workshop.models / "bnet")
    area = next(metric for metric in card.metrics if metric.name == "AUC")
    rules = ("TI-RADS 4a or higher", "TI-RADS 5 or higher")
    ruled = tuple(replace(area, dataset="DDTI", protocol="external", label=rule) for rule in rules)
    write_card(replace(card, metrics=(*card.metrics, *ruled)), workshop.models / "bnet")
    lines = [line for line in command("models").output.splitlines() if "DDTI, external" in line]
    assert [line.partition(" [")[0].rpartition("class 1: ")[2] for line in lines] == list(rules)


def test_a_damaged_model_does_not_hide_the_others(workshop):
    shutil.copytree(workshop.models / "bnet", workshop.models / "anet")
    card = workshop.models / "anet" / CARD_FILE
    card.write_bytes(card.read_bytes().replace(b'"seed": 0', b'"seed": 1'))
    result = command("models")
    assert result.exit_code == 1
    assert "anet  cannot be used: " in result.output
    assert "changed after it was written" in result.output
    assert "bnet  BNet (breast)" in result.output


def test_without_models_the_command_that_makes_one_is_named(workshop):
    shutil.rmtree(workshop.models)
    result = command("models")
    assert result.exit_code == 0
    assert "no models in " in result.output
    assert "python -m lesion_core train" in result.output

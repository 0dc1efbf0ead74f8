from dataclasses import replace

import numpy as np
import pytest

from lesion_core.cases.table import read_cases
from lesion_core.model.card import read_card
from lesion_core.results.scores import read_scores, write_scores
from lesion_core.training import outline
from tests.commands.conftest import command


@pytest.fixture
def noisy(workshop, monkeypatch):
    """The workshop with scores that do not separate the labels (phantoms' do), and outlines that say nothing."""
    rng = np.random.default_rng(9)
    rows = read_scores(workshop.run / "scores.csv").rows
    drawn = rng.random(len(rows))
    blurred = [
        replace(row, score=round(0.05 + 0.1 * row.label + 0.8 * float(each), 6))
        for row, each in zip(rows, drawn, strict=True)
    ]
    write_scores(blurred, workshop.run / "scores.csv")
    write_scores(blurred, workshop.models / "bnet" / "scores" / "thirds-3-out-of-fold.csv")
    measured = rng.standard_normal((len(rows), 2))
    monkeypatch.setattr(outline, "measure", lambda table: measured)
    return workshop


def areas(workshop):
    card = read_card(workshop.models / "bnet")
    assert card.outline is not None
    return [metric for metric in card.metrics if metric.name == "AUC"]


def test_the_figures_say_at_once_how_they_stand_among_the_seeds_beside_the_model(noisy):
    command("keep", noisy.run, "--as", "bnet-seed-1", "--outline", noisy.cases, "--to", noisy.models)
    output = command("outline", noisy.models / "bnet", "--cases", noisy.cases).output
    assert "not compared" not in output
    for metric in areas(noisy):
        assert "not the highest of 2 seeds of the weights, on the same folds" in metric.note
        assert "the network alone, " in metric.note
    figures = command("figures", noisy.models / "bnet").output
    assert "card as it was" in figures


def test_seeds_without_the_outline_are_named_with_what_to_do_and_the_model_is_whole(noisy):
    command("keep", noisy.run, "--as", "bnet-seed-1", "--to", noisy.models)
    result = command("outline", noisy.models / "bnet", "--cases", noisy.cases)
    assert result.exit_code == 0
    assert "not compared with other seeds: seeds of bnet are not alike" in result.output
    assert f"then run `python -m lesion_core figures {noisy.models / 'bnet'}`" in result.output
    assert all("highest of" not in metric.note for metric in areas(noisy))


def test_what_was_measured_without_the_outline_goes_and_is_named(noisy):
    earlier = ["bnet/scores/busi-external.csv", "bnet/shift/busi.csv", "bnet/stability/busi.csv"]
    for name in earlier:
        (noisy.models / name).parent.mkdir(parents=True, exist_ok=True)
        (noisy.models / name).write_text("of the network alone\n")
    output = command("outline", noisy.models / "bnet", "--cases", noisy.cases).output
    for name in earlier:
        assert f"{name} was of the network alone and is gone: make it again" in output
        assert not (noisy.models / name).exists()


def test_a_new_release_learns_from_its_own_network_not_from_the_one_before(noisy):
    own = noisy.models / "bnet" / "scores" / "thirds-3-out-of-fold.csv"
    beside = noisy.models / "bnet-image-only" / "scores" / own.name
    network = read_scores(own)
    before = [replace(row, score=round(0.2 + 0.6 * row.score, 6)) for row in network.rows[::-1]]
    write_scores([replace(row, run="old-image-only", model="bnet-image-only") for row in before], beside)
    assert command("outline", noisy.models / "bnet", "--cases", noisy.cases).exit_code == 0
    assert read_scores(beside).scores.tolist() == network.scores.tolist()
    measured = outline.measure(read_cases(noisy.cases))
    place = {case.case_id: at for at, case in enumerate(read_cases(noisy.cases).cases)}
    expected = outline.cross_fit(network, measured[[place[row.case_id] for row in network.rows]])
    assert read_scores(own) == expected

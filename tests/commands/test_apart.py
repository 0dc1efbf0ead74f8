from dataclasses import replace

import pytest

from lesion_core.errors import InputError
from lesion_core.model.card import read_card, write_card
from lesion_core.model.outline import OutlinePart
from lesion_core.results.ledger import read_ledger
from lesion_core.results.scores import read_scores
from lesion_core.stats.intervals import auc_interval
from tests.commands.conftest import command


def test_kept_scores_are_taken_apart_and_nothing_is_scored_again(workshop, tmp_path):
    model = workshop.models / "bnet"
    with pytest.raises(InputError, match="run `evaluate` with --record first"):
        command("apart", "bnet", "--cases", workshop.external)
    part = OutlinePart(0.3, 0.7, (12.0, -1.5), (0.03, 0.3), "here", 10)
    write_card(replace(read_card(model), outline=part), model)
    command("evaluate", "bnet", "--cases", workshop.external, "--out", tmp_path / "out", "--record")
    result = command("apart", "bnet", "--cases", workshop.external)
    assert result.exit_code == 0
    assert len(read_ledger(workshop.models / "ledger.csv")) == 1
    for suffix in ("image-only", "outline-only"):
        kept = read_scores(workshop.models / f"bnet-{suffix}" / "scores" / "others-external.csv")
        area = auc_interval(kept.labels, kept.scores, groups=kept.patients)
        assert f"bnet-{suffix}, others, per image: {area.sentence()}" in result.output
        labels, scores, _ = kept.per_patient()
        assert f"bnet-{suffix}, others, per patient: {auc_interval(labels, scores).sentence()}" in result.output

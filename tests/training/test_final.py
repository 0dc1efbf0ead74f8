from dataclasses import replace

import numpy as np

from lesion_core.results.scores import ScoreTable, score_rows
from lesion_core.stats.roc import auc
from lesion_core.training.final import in_order, train_final
from lesion_core.training.finetune import score_examples
from lesion_core.training.plan import ExampleStore
from tests.training.blocks import use_blocks
from tests.training.test_crossval import LEARNS, make_plan, quiet


def test_it_learns_all_cases_on_the_schedule_of_the_folds(tmp_path, monkeypatch):
    use_blocks(monkeypatch)
    plan = make_plan(tmp_path)
    store = ExampleStore(plan, quiet)
    config = replace(LEARNS, validation=0.25, patience=2)
    made = train_final(plan, config, 6, store, folder=tmp_path / "model")
    assert auc(plan.table.labels, score_examples(made, store(config), np.arange(24))) > 0.9
    lines = (tmp_path / "model" / "history.csv").read_text().splitlines()
    assert lines[0].startswith("epoch,loss,validation_loss,validation_auc,rate,seconds,images,epochs")
    assert len(lines) == 7
    assert all(line.endswith(",24,6") and ",,," in line for line in lines[1:])  # nothing is held back
    rates = [float(line.split(",")[4]) for line in lines[1:]]
    assert rates[-1] > 0.1 * LEARNS.rate  # six of eight epochs of the cosine
    assert train_final(plan, config, 6, store, folder=tmp_path / "other", stop=lambda: True) is None
    again = train_final(plan, config, 6, store, folder=tmp_path / "other")
    assert np.array_equal(again.classifier[0][0].weight.detach(), made.classifier[0][0].weight.detach())


def test_scores_in_the_order_of_the_cases(tmp_path):
    table = make_plan(tmp_path).table
    made = score_rows(table.cases, np.linspace(0, 1, 24), run="r", model="bnet", folds=[1] * 24)
    stranger = replace(made.rows[0], case_id="aa")
    found = in_order(ScoreTable((stranger, *made.rows[::-1])), table)
    assert found.rows == (*made.rows, stranger)

from lesion_core.results.observers.panel import panel_of
from lesion_core.results.observers.simulated import READERS, SEED, simulate, synthetic_source
from lesion_core.stats.roc import auc
from tests.results.observers.made import random_study


def test_the_same_seed_gives_the_same_readings_and_another_one_others():
    run = random_study().runs[0]
    assert simulate(run) == simulate(run)
    assert simulate(run) != simulate(run, seed=SEED + 1)
    assert len(simulate(run)) == len(READERS) * len(run)


def test_every_reader_says_that_it_is_simulated():
    source = synthetic_source(random_study())
    assert source.kind == "synthetic"
    assert len(source.readers) == len(READERS)
    assert all(each.synthetic and each.name.startswith("simulated") for each in source.readers)
    panel = panel_of(source, ["bnet@r"], unit="image")
    assert panel.synthetic
    assert panel.notes[0].startswith("SYNTHETIC reader study: 5 simulated readers (seed 20260401)")
    assert "no person read these cases" in panel.notes[0]


def test_areas_are_those_that_the_docstring_says():
    panel = panel_of(synthetic_source(random_study(n=4000, readers=1)), ["bnet@r"], unit="image")
    readers = panel.counted("left out").readers
    areas = [auc(panel.labels[each.read], each.rating[each.read]) for each in readers]
    assert 0.80 < min(areas) < max(areas) < 0.95
    assert sum(each.unassessed for each in panel.readers) > 0

from dataclasses import replace

import pytest

from dashboards.observers import choice as choices
from dashboards.observers.address import as_link, first_choice, from_link
from dashboards.observers.choice import Choice, checked, offer, panel, references, sets_offered, source_of
from lesion_core.cases.readings import write_readings
from lesion_core.errors import InputError, TableError
from lesion_core.results.observers.agreement_groups import MAJORITY
from lesion_core.results.observers.simulated import simulate


def readings_of_busi(tmp_path, n=40, name="readings.csv"):
    run = source_of("busi.test").runs[0]
    kept = [each for each in simulate(run, seed=3) if run.position[each.case_id] < n]
    write_readings([replace(each, reader=each.reader.replace("simulated", "Dr")) for each in kept], tmp_path / name)
    return str(tmp_path / name)


def test_sets_of_all_three_sources_are_offered():
    keys = [key for _, key in sets_offered()]
    assert {"busbra.folds", "busi.test", "synthetic", "paper.thyroid", "paper.breast"} <= set(keys)
    shown = {key: text for text, key in sets_offered()}
    assert shown["synthetic"].startswith("SYNTHETIC: 5 simulated readers")
    assert "1 recorded reader" in shown["busbra.folds"]


def test_a_set_opens_with_the_systems_models_and_every_reader():
    opened = first_choice("busbra.folds")
    assert opened.models == ("bnet@bnet-best-cv",)
    assert opened.readers == ("BUS-BRA BI-RADS",)
    assert opened.unit == "patient"
    assert len(first_choice("synthetic").readers) == 5
    assert first_choice("paper.breast").organ == "breast"


def test_what_does_not_fit_falls_back():
    wild = Choice(
        "synthetic", models=("x",), readers=("simulated A", "nobody"), unit="patient", how="?", cut="9", margin=-1.0,
        model="y", against="nobody", threshold=7.0,
    )  # fmt: skip
    good = checked(wild)
    assert good.models[0] == "bnet@bnet-best-busi"
    assert good.readers == ("simulated A",)
    assert (good.unit, good.how, good.cut, good.margin) == ("image", "left out", "4", 0.05)
    assert (good.model, good.against, good.threshold) == ("bnet@bnet-best-busi", MAJORITY, None)
    with pytest.raises(InputError, match="there is no set 'nowhere' here"):
        checked(Choice("nowhere"))


def test_reference_models_are_beside_and_can_be_chosen():
    opened = first_choice("busi.test")
    parts = [f"{name}-{part}-only" for name in ("bnet", "tbnet", "tnet") for part in ("image", "outline")]
    assert sorted(each.name for each in references(opened).models) == sorted(["shape-only", "size-only", *parts])
    one = replace(opened, models=("tnet@tnet-best-busi",))
    assert len(references(one).models) == 4, "what belongs to a model that is not chosen does not stand there"
    assert references(opened).readers == ()
    every = replace(opened, models=tuple(key for _, key in offer("busi.test").models))
    assert references(every) is None
    assert panel(every).models[0].name == "bnet"


def test_a_visitors_readings_join_the_set_that_has_their_cases(tmp_path):
    path = readings_of_busi(tmp_path)
    assert choices.set_of_readings(path) == "busi.test"
    opened = first_choice("busi.test", path)
    assert opened.readers == tuple(f"Dr {letter}" for letter in "ABCDE")
    joined = panel(opened)
    assert all(each.read.sum() == 40 for each in joined.readers)
    assert panel(opened).readers[0].name == "Dr A"


def test_readings_of_other_cases_and_bad_rows_are_told(tmp_path, monkeypatch):
    other = tmp_path / "other.csv"
    other.write_text("reader,case_id,call\nR,zzz,1\n")
    with pytest.raises(InputError, match="none of the 1 cases of these readings was scored"):
        choices.set_of_readings(str(other))
    bad = tmp_path / "bad.csv"
    bad.write_text("reader,case_id,call\nR,a,2\nR,b,maybe\n")
    with pytest.raises(TableError) as caught:
        choices.set_of_readings(str(bad))
    assert len(caught.value.problems) == 2
    empty = tmp_path / "empty.csv"
    empty.write_text("reader,case_id,call\n")
    with pytest.raises(InputError, match="no reading below the header"):
        choices.own_readers(str(empty))
    monkeypatch.setattr(choices, "MAX_BYTES", 3)
    with pytest.raises(InputError, match="is read"):
        choices.own_readers(str(other))


def test_the_address_restores_the_choice():
    chosen = checked(
        replace(
            first_choice("synthetic"), readers=("simulated B", "simulated D"), how="counted as wrong", cut="4b",
            margin=0.1, against="simulated D", threshold=0.47242050001, group="none/1",
        )
    )  # fmt: skip
    assert from_link(as_link(chosen)) == chosen
    assert as_link(Choice("paper.breast")) == {"set": "paper.breast"}
    assert from_link({"set": "elsewhere"}) == first_choice(sets_offered()[0][1])
    assert from_link({"set": "synthetic", "models": "", "t": "nan", "margin": "x"}).threshold is None
    short = from_link({"set": "synthetic", "group": "none/1"})
    assert short == replace(first_choice("synthetic"), group="none/1")


def test_an_address_without_readers_opens_without_readers():
    chosen = replace(first_choice("synthetic"), readers=())
    written = {name: text for name, text in as_link(chosen).items() if text}  # what the page keeps
    assert from_link(written) == chosen

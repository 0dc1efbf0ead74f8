import zipfile
from types import SimpleNamespace

import pytest

from dashboards import reading_form as form
from dashboards.reading_form import Form, bundle_of, form_of
from lesion_core.errors import InputError, TableError
from lesion_core.reading.bundle import write_bundle
from tests.training.phantom_set import make_set

#: The controls as the page starts, with what must be filled in.
FILLED = Form(
    source=form.PHANTOMS, phantoms=6, file="", organ="", scores="", benign=0, malignant=0, mask=False, top=0, bottom=0,
    declare=False, model="", threshold=0, title=" Six phantoms ", purpose="study", asked=["call", "action"], system="",
    design="single", washout_days=28, readers="Ann\n\n Bob \n", open_enrolment=False, seed=3, block_size=0, repeats=2,
    time_limit_s=0, come_back="last", ethics="None needed: phantoms.",
)  # fmt: skip


def filled(**changes):
    return form_of([*(FILLED.__dict__ | changes).values()])


@pytest.fixture(scope="module")
def cases_zip(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zip")
    table = make_set(folder / "set", patients=4)
    path = folder / "cases.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(table.folder.rglob("*")):
            if file.is_file():
                archive.write(file, f"inner/{file.relative_to(table.folder)}")
    return str(path)


def test_phantoms_as_the_form_says():
    made, notes = bundle_of(filled())
    study = made.study
    assert (study.title, study.readers, len(study.items), study.order.repeats) == (
        "Six phantoms", ("Ann", "Bob"), 6, 2,
    )  # fmt: skip
    assert (study.question.call, study.question.action, study.question.suspicion) == (True, True, False)
    assert (study.time_limit_s, study.marks, study.model) == (None, "none found", None)
    assert "The cases are synthetic phantoms, no patients." in notes


def test_what_is_empty_on_the_page():
    values = [None if value == 0 or value == "" else value for value in FILLED.__dict__.values()]
    assert form_of(values) == FILLED
    with pytest.raises(InputError, match="phantoms must be a number"):
        filled(phantoms="many")


def test_everything_that_is_wrong_at_once():
    with pytest.raises(TableError) as caught:
        bundle_of(filled(title="", readers="", asked=[], ethics="", design="sequential", repeats=5))
    said = str(caught.value)
    for wanted in ("the title", "no readers", "nothing is asked", "ethics", "no model is named", "5 repeated cases"):
        assert wanted in said


def test_cases_of_a_zip_with_masks_and_counts(cases_zip):
    made, _ = bundle_of(filled(source=form.UPLOAD, file=cases_zip, benign=1, malignant=2, top=10, repeats=0))
    assert sorted(item.label for item in made.study.items) == [0, 1, 1]
    assert made.study.marks == "masked"
    assert made.study.items[0].views[0].masked[0][:2] == (0, 0)
    both, _ = bundle_of(filled(source=form.UPLOAD, file=cases_zip, top=10, declare=True))
    assert both.study.marks == "masked in part"


def test_a_study_file_is_taken_as_it_is(tmp_path):
    made, _ = bundle_of(filled())
    write_bundle(made, tmp_path / "made.study.zip")
    again, notes = bundle_of(filled(source=form.UPLOAD, file=str(tmp_path / "made.study.zip"), title="ignored"))
    assert again == made
    assert "the form was not used" in notes[0]
    with pytest.raises(InputError, match="no file is open"):
        bundle_of(filled(source=form.UPLOAD))


def test_the_controls_of_the_page_are_those_of_the_form():
    import gradio as gr

    from dashboards import reading, reading_setup
    from dashboards.held_out import HandOver

    with gr.Blocks() as page, gr.Tabs() as tabs, gr.Tab("Reading room"):
        reading.build(tabs, HandOver(own=gr.State(()), opened=gr.Number(0)))
    (opens,) = [each for each in page.fns.values() if each.fn is reading_setup.open_study]
    labels = [each.label for each in opens.inputs]
    assert len(labels) == len(FILLED.__dict__)
    order = list(FILLED.__dict__)
    for name, label in (
        ("declare", "Tell the readers"), ("mask", "Paint found calipers"), ("top", "Paint over at the top"),
        ("title", "Title"), ("ethics", "Ethics"), ("repeats", "Cases read twice"), ("threshold", "Its threshold"),
        ("system", "Category"), ("readers", "Readers"), ("come_back", "Readers may correct"),
    ):  # fmt: skip
        assert labels[order.index(name)].startswith(label), name


def test_cases_that_the_model_was_trained_on_get_its_out_of_fold_scores(cases_zip, tmp_path, monkeypatch):
    (tmp_path / "scores").mkdir()
    head = "run,model,case_id,lesion_id,patient_id,dataset,organ,label,target,fold,score,calibrated"
    rows = [
        f"r,net,p1-{view},p1,p1,{{}},breast,1,histology malignant,1,{score}," for view, score in ((0, 0.1), (1, 0.3))
    ]
    card = SimpleNamespace(
        title="Net", operating_point=SimpleNamespace(threshold=0.4), target="histology malignant", version="1"
    )
    monkeypatch.setattr(form.serving, "scores_of", lambda name, views: [0.5 for _ in views])
    monkeypatch.setattr(form.serving, "card", lambda name: card)
    monkeypatch.setattr(form, "model_folder", lambda name: tmp_path)

    def scored(dataset):
        (tmp_path / "scores" / "five-out-of-fold.csv").write_text("\n".join([head, *rows, ""]).format(dataset, dataset))
        made, notes = bundle_of(filled(source=form.UPLOAD, file=cases_zip, model="net"))
        return {item.item_id: item.score for item in made.study.items}, notes

    scores, notes = scored("phantoms")
    assert scores == {"p0": 0.5, "p1": pytest.approx(0.2), "p2": 0.5, "p3": 0.5}
    assert "1 of 4 lesions belong to the model's training set: they have its out-of-fold scores." in notes
    scores, notes = scored("another set with the same names")
    assert scores["p1"] == 0.5
    assert not any("training set" in note for note in notes)

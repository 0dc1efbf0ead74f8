import pytest

from lesion_core.errors import InputError
from lesion_core.model.card import model_folder, read_card
from lesion_core.reading.bundle import read_bundle
from lesion_core.reading.study import Order
from tests.commands.conftest import command
from tests.training.phantom_set import make_set


def test_a_study_file_from_a_case_table(tmp_path):
    table = make_set(tmp_path / "set", patients=6)
    out = tmp_path / "made.study.zip"
    done = command(
        "study", table.folder / "cases.csv", "--out", out, "--title", "Six", "--ethics", "None needed: phantoms.",
        "--reader", "Ann", "--reader", "Bob", "--ask", "suspicion", "--ask", "descriptors", "--system", "bi-rads-us",
        "--benign", 2, "--malignant", 1, "--repeats", 1, "--limit", 30, "--mask-top", 10, "--declare",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "3 lesions in 6 images" in done.output
    made = read_bundle(out).study
    assert sorted(item.label for item in made.items) == [0, 0, 1]
    assert (made.readers, made.marks, made.time_limit_s) == (("Ann", "Bob"), "masked in part", 30.0)
    assert made.order == Order(seed=1, repeats=1)
    asked = made.question
    assert (asked.call, asked.suspicion, asked.system, asked.descriptors) == (False, True, "bi-rads-us", True)


def scores_of(table, path, model="net"):
    head = "run,model,case_id,lesion_id,patient_id,dataset,organ,label,target,fold,score,calibrated"
    rows = [
        f"r1,{model},{case.case_id},{case.lesion_id},{case.patient_id},{case.dataset},{case.organ},{case.label},"
        f"{case.target},,0.25,"
        for case in table.cases
    ]
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def test_the_scores_of_one_model_for_an_aided_arm(tmp_path):
    table = make_set(tmp_path / "set", patients=2)
    scores = scores_of(table, tmp_path / "scores.csv")
    out = tmp_path / "made.study.zip"
    done = command(
        "study", table.folder / "cases.csv", "--out", out, "--title", "Two", "--ethics", "Phantoms.", "--enrol",
        "--design", "sequential", "--scores", scores, "--threshold", 0.3,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    made = read_bundle(out).study
    assert (made.model.name, made.model.threshold, made.items[0].score) == ("net", 0.3, 0.25)
    assert made.question.call


def test_a_threshold_is_given_or_the_models_own_and_never_guessed(tmp_path):
    table = make_set(tmp_path / "set", patients=2)
    out = tmp_path / "made.study.zip"

    def made(model):
        return command(
            "study", table.folder / "cases.csv", "--out", out, "--title", "Two", "--ethics", "Phantoms.", "--enrol",
            "--design", "crossover", "--washout", 40, "--come-back", "any",
            "--scores", scores_of(table, tmp_path / "scores.csv", model),
        )  # fmt: skip

    with pytest.raises(InputError, match="which is not bundled: give the --threshold"):
        made("net")
    assert not out.exists()
    done = made("bnet")
    assert done.exit_code == 0, done.output
    study = read_bundle(out).study
    assert study.model.threshold == read_card(model_folder("bnet")).operating_point.threshold
    assert (study.washout_days, study.come_back) == (40, "any")


def test_a_question_that_there_is_not(tmp_path):
    table = make_set(tmp_path / "set", patients=2)
    done = command(
        "study", table.folder / "cases.csv", "--out", tmp_path / "x.study.zip", "--title", "Two", "--ask", "age"
    )
    assert done.exit_code == 2
    assert "choose among call" in done.output.replace("\n", " ")

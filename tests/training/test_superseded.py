import pytest

from lesion_core.training.superseded import forget_measured, forget_release, gone_for_good

MEASURED = [
    "bnet-image-only/scores/busi-external.csv",
    "bnet-outline-only/scores/busi-external.csv",
    "bnet/scores/busi-external.csv",
    "bnet/shift/busi.csv",
    "bnet/stability/busi.csv",
    "bnet/stability/readers-ddti.csv",
]
RELEASE = [
    "bnet-image-only/scores/ten-out-of-fold.csv",
    "bnet/scores/history-before.csv",
    "bnet/scores/run.json",
    "bnet/scores/ten-out-of-fold.csv",
]
#: Another model, another seed, and what makes the model.
STAYS = [
    "bnet-seed-1-image-only/scores/ten-out-of-fold.csv",
    "bnet-seed-1/scores/ten-out-of-fold.csv",
    "bnet-seed-1/shift/busi.csv",
    "bnet/card.json",
    "bnet/weights.safetensors",
    "tbnet/scores/busi-external.csv",
]


@pytest.fixture
def models(tmp_path):
    for name in (*MEASURED, *RELEASE, *STAYS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("as it was\n")
    return tmp_path


def left(models):
    return sorted(path.relative_to(models).as_posix() for path in models.rglob("*") if path.is_file())


def test_what_was_measured_goes_and_the_cross_validation_stays(models):
    assert sorted(forget_measured(models / "bnet")) == MEASURED
    assert left(models) == sorted([*RELEASE, *STAYS])
    assert forget_measured(models / "bnet") == ()


def test_with_a_release_its_cross_validation_goes_too_and_other_models_stay(models):
    assert sorted(forget_release(models / "bnet")) == sorted([*MEASURED, *RELEASE])
    assert left(models) == STAYS


def test_a_folder_that_is_not_there_has_nothing_to_forget(tmp_path):
    assert forget_release(tmp_path / "bnet") == ()


def test_what_was_written_anew_is_not_called_gone_and_the_rest_says_what_makes_it_again(models):
    removed = forget_release(models / "bnet")
    for name in ("bnet/scores/ten-out-of-fold.csv", "bnet/scores/run.json"):
        (models / name).write_text("of the new release\n")
    said = dict(
        line.split(" was of the release before and is gone") for line in gone_for_good(models / "bnet", removed)
    )
    assert said == {
        "bnet-image-only/scores/busi-external.csv": ": make it again with `apart`",
        "bnet-image-only/scores/ten-out-of-fold.csv": ": make it again with `outline`",
        "bnet-outline-only/scores/busi-external.csv": ": make it again with `apart`",
        "bnet/scores/busi-external.csv": ": make it again with `evaluate --record`",
        "bnet/scores/history-before.csv": "",
        "bnet/shift/busi.csv": ": make it again with `shift`",
        "bnet/stability/busi.csv": ": make it again with `stability`",
        "bnet/stability/readers-ddti.csv": ": make it again with `stability`",
    }

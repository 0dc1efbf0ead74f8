import pytest

from lesion_core.training.superseded import forget_measured, forget_release

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

import itertools
import json
import multiprocessing
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from lesion_core.errors import InputError, TrainingError
from lesion_core.imaging.prepare import InputSpec
from lesion_core.model.vgg import convolutions
from lesion_core.stats.roc import auc
from lesion_core.training import finetune
from lesion_core.training.config import TrainConfig, config_as_json
from lesion_core.training.examples import Examples, make_examples
from lesion_core.training.finetune import fit, score_examples
from lesion_core.training.snapshot import SNAPSHOT_FILE, trained_tensors
from tests.training import killed_run
from tests.training.killed_run import LABELS, network

SPEC = InputSpec()
EVERYTHING = np.arange(16)
QUICK = TrainConfig(
    ranks=(2, 2), normalisation="power", augmentation="none", epochs=4, batch=4, rate=3e-3, dropout=(0.1, 0.1)
)


@pytest.fixture(scope="module")
def rois():
    """Bright ones are labelled 1."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 60, (16, 224, 224, 1))
    return (noise + LABELS[:, None, None, None] * 100).repeat(3, axis=3).astype(np.uint8)


@pytest.fixture(scope="module")
def examples_of(rois, tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")

    def make(config, made=None):
        return make_examples(rois, config, made or network(config), SPEC, cache=cache, progress=lambda *told: None)

    return make


def trained(config, examples, *, seed=0, **options):
    made = network(config, seed)
    fitted = fit(made, examples, LABELS, options.pop("train", EVERYTHING), config, **options)
    return made, fitted


def differences(first, second):
    state = second.state_dict()
    return {name: float((tensor - state[name]).abs().max()) for name, tensor in first.state_dict().items()}


@pytest.mark.parametrize("trainable", ["classifier", "block5", "all"])
@pytest.mark.parametrize("augmentation", ["mirror", "random"])
def test_it_learns_whatever_is_trained(trainable, augmentation, examples_of):
    config = replace(QUICK, trainable=trainable, augmentation=augmentation)
    examples = examples_of(config)
    made, fitted = trained(config, examples)
    assert [record.epoch for record in fitted.history] == [1, 2, 3, 4]
    assert fitted.history[-1].loss < fitted.history[0].loss
    assert auc(LABELS, score_examples(made, examples, EVERYTHING)) == 1.0
    assert not made.training


@pytest.mark.parametrize("trainable", ["fc8", "classifier", "block5"])
def test_a_frozen_layer_keeps_its_weights(trainable, examples_of):
    config = replace(QUICK, trainable=trainable)
    made, _ = trained(config, examples_of(config))
    moved = {name for name, change in differences(made, network(config)).items() if change > 0}
    assert moved == {name for name in made.state_dict() if name in trained_tensors(made)}
    assert all(name.startswith("classifier") or name.startswith("features.9") for name in moved)
    assert any(name.startswith("features.9") for name in moved) == (trainable == "block5")


@pytest.mark.parametrize("trainable", ["all", "block5", "classifier"])
def test_kept_features_score_as_the_whole_network_does(trainable, rois, examples_of):
    config = replace(QUICK, trainable=trainable)
    made = network(config).eval()
    found = score_examples(made, examples_of(config, made), EVERYTHING)
    whole = Examples(np.ascontiguousarray(rois.transpose(0, 3, 1, 2))[:, None], 0, SPEC)
    assert np.abs(found - score_examples(made, whole, EVERYTHING)).max() < 1e-4


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimiser": "sgd", "rate": 2e-3, "schedule": "constant", "drawing": "all", "augmentation": "mirror"},
        {"averaging": 0.9, "balance": "oversample", "smoothing": 0.1},
        {"precision": "bfloat16", "balance": "weights"},
    ],
)
def test_a_seed_makes_the_same_weights(changes, examples_of):
    config = replace(QUICK, **changes)
    examples = examples_of(config)
    first, second = (trained(config, examples)[0] for _ in range(2))
    assert max(differences(first, second).values()) == 0
    assert max(differences(first, trained(replace(config, seed=1), examples)[0]).values()) > 0


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimiser": "sgd", "rate": 2e-3},
        {"averaging": 0.9},
        {"validation": 0.25, "patience": 3},
        {"trainable": "block5", "averaging": 0.9},
        {"trainable": "block5", "optimiser": "sgd", "rate": 2e-3},
        {"trainable": "all", "augmentation": "random", "averaging": 0.9},
    ],
)
def test_left_off_and_gone_on_is_the_same_as_never_left_off(changes, examples_of, tmp_path):
    config = replace(QUICK, **changes)
    examples = examples_of(config)
    parts = {"train": EVERYTHING[:12], "validation": EVERYTHING[12:]} if config.patience else {}
    whole, history = trained(config, examples, **parts)
    for attempt in range(10):
        broken, fitted = trained(config, examples, folder=tmp_path, stop=lambda: True, seed=attempt, **parts)
        if fitted is not None:
            break
    else:
        pytest.fail("it never ended")
    assert [replace(each, seconds=0) for each in fitted.history] == [
        replace(each, seconds=0) for each in history.history
    ]
    assert fitted.epoch == history.epoch
    kept = trained_tensors(whole)
    state = broken.state_dict()
    assert max(float((tensor - state[name]).abs().max()) for name, tensor in kept.items()) < 1e-6


def test_a_snapshot_that_is_not_due_is_kept_only_where_it_leaves_off(examples_of, tmp_path):
    examples = examples_of(QUICK)
    there = []
    trained(
        QUICK,
        examples,
        folder=tmp_path,
        snapshot_every_s=1e6,
        report=lambda record: there.append((tmp_path / SNAPSHOT_FILE).is_file()),
        stop=lambda: len(there) == 2,
    )
    assert there == [False, False]
    _, fitted = trained(QUICK, examples, folder=tmp_path, snapshot_every_s=1e6)
    assert [record.epoch for record in fitted.history] == [1, 2, 3, 4]


def test_the_best_epoch_is_taken_and_the_rest_is_spared(examples_of, monkeypatch):
    areas = iter([0.6, 0.8, 0.7, 0.75, 0.9])
    config = replace(QUICK, epochs=9, validation=0.25, patience=2)
    monkeypatch.setattr(finetune, "auc", lambda labels, scores: next(areas))
    made, fitted = trained(config, examples_of(config), train=EVERYTHING[:12], validation=EVERYTHING[12:])
    assert [record.validation_auc for record in fitted.history] == [0.6, 0.8, 0.7, 0.75]
    assert fitted.epoch == 2
    two = replace(QUICK, epochs=9)
    expected, _ = trained(two, examples_of(two), train=EVERYTHING[:12], last_epoch=2)
    assert max(differences(made, expected).values()) == 0


def test_averaged_weights_lie_between(examples_of):
    examples = examples_of(QUICK)
    last, _ = trained(QUICK, examples)
    averaged, _ = trained(replace(QUICK, averaging=0.5), examples)
    assert 0 < max(differences(last, averaged).values()) < max(differences(last, network(QUICK)).values())


def test_what_cannot_be_trained_is_refused(examples_of):
    examples = examples_of(QUICK)
    with pytest.raises(InputError, match=r"got \[0\] only"):
        trained(QUICK, examples, train=EVERYTHING[::2])
    with pytest.raises(InputError, match="stand in the training and in the validation part"):
        trained(QUICK, examples, validation=EVERYTHING[:2])


def test_a_loss_that_is_not_finite_ends_the_training_and_keeps_what_was_done(examples_of, tmp_path):
    examples = examples_of(QUICK)
    trained(QUICK, examples, folder=tmp_path, stop=lambda: True)
    broken = Examples(np.full_like(examples.inputs, np.nan), examples.block, SPEC)
    with pytest.raises(
        TrainingError, match=r"not a finite number in epoch 2 \(epochs 1 to 1 are kept\): lower the rate"
    ):
        trained(QUICK, broken, folder=tmp_path)
    _, fitted = trained(QUICK, examples, folder=tmp_path)
    assert len(fitted.history) == 4


def test_a_full_disk_keeps_the_snapshot_before(examples_of, tmp_path, monkeypatch):
    examples = examples_of(QUICK)
    trained(QUICK, examples, folder=tmp_path, stop=lambda: True)
    before = (tmp_path / SNAPSHOT_FILE).read_bytes()

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("lesion_core.training.snapshot.save_file", full)
        with pytest.raises(
            TrainingError, match=r"after epoch 2 .*No space left.* epoch 1 and before are kept: make room"
        ):
            trained(QUICK, examples, folder=tmp_path)
    assert (tmp_path / SNAPSHOT_FILE).read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [SNAPSHOT_FILE]


def test_a_snapshot_of_other_settings_or_a_damaged_one_is_refused(examples_of, tmp_path):
    examples = examples_of(QUICK)
    trained(QUICK, examples, folder=tmp_path, stop=lambda: True)
    with pytest.raises(TrainingError, match=r"other settings \(rate, seed\)"):
        trained(replace(QUICK, rate=1e-3, seed=5), examples, folder=tmp_path)
    with pytest.raises(TrainingError, match=r"other settings \(labels, train\)"):
        trained(QUICK, examples, folder=tmp_path, train=EVERYTHING[:8])
    with pytest.raises(TrainingError, match=r"other settings \(labels\)"):
        fit(network(QUICK, 0), examples, 1 - LABELS, EVERYTHING, QUICK, folder=tmp_path)
    other = network(QUICK, 0)
    with torch.no_grad():
        next(convolutions(other))[1].weight[0, 0, 0, 0] += 0.5
    with pytest.raises(TrainingError, match=r"other settings \(first convolutions\)"):
        fit(other, examples, LABELS, EVERYTHING, QUICK, folder=tmp_path)
    file = tmp_path / SNAPSHOT_FILE
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(TrainingError, match="is damaged"):
        trained(QUICK, examples, folder=tmp_path)


def test_nothing_to_score_gives_nothing(examples_of):
    assert score_examples(network(QUICK), examples_of(QUICK), EVERYTHING[:0]).shape == (0,)


def test_killed_at_random_moments_it_ends_as_if_it_never_was(examples_of, tmp_path):
    """A process of its own, killed ten times (kill -9) at moments spread over epochs and the writing of snapshots."""
    config = replace(QUICK, epochs=40, drawing="all")
    examples = examples_of(config)
    (tmp_path / "config.json").write_text(json.dumps(config_as_json(config)))
    np.save(tmp_path / "inputs.npy", examples.inputs)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.training.killed_run"])
    rng = np.random.default_rng(0)
    epochs = []
    for attempt in range(11):
        told, telling = context.Pipe(duplex=False)
        process = context.Process(target=killed_run.run, args=(str(tmp_path), telling))
        process.start()
        telling.close()
        if attempt < 10:
            for _ in range(int(rng.integers(1, 4))):
                assert told.poll(60)
                epochs.append(told.recv())
            time.sleep(float(rng.uniform(0, 0.02)))
            process.kill()
        process.join(120)
        told.close()
        process.close()
    # Told after it is on disk: nothing that was told is done again (one that was kept and not yet told may be missing).
    assert all(after > before for before, after in itertools.pairwise(epochs))
    assert max(epochs) < 40
    whole, _ = trained(config, examples)
    found = np.load(tmp_path / "done.npy")
    assert np.abs(found - whole.classifier[0][0].weight.detach().numpy()).max() < 1e-6

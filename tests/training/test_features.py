import numpy as np
import pytest
import torch

from lesion_core.imaging.prepare import InputSpec, network_input
from lesion_core.model.vgg import TRUNK_FEATURES
from lesion_core.training.features import trunk_features
from tests.model.stand_in import cheap_vgg19

SPEC = InputSpec()


@pytest.fixture(scope="module")
def rois():
    return list(np.random.default_rng(0).integers(0, 256, (5, 224, 224, 3)).astype(np.uint8))


@pytest.fixture
def network():
    return cheap_vgg19()


class Count:
    """Counts the RoIs that go through the trunk."""

    def __init__(self, network):
        self.rois = 0
        network.features.register_forward_hook(self)

    def __call__(self, module, inputs, output):
        self.rois += len(inputs[0])


def direct(rois, network, spec=SPEC):
    with torch.inference_mode():
        return network.features(torch.from_numpy(network_input(np.stack(rois), spec))).flatten(1).numpy()


def stored(cache):
    return sorted(cache.rglob("*.npy"))


def test_kept_features_are_the_computed_ones_in_half_precision(rois, network, tmp_path):
    expected = direct(rois, network)
    for _ in ("computed", "read"):
        found = trunk_features(rois, network, spec=SPEC, cache=tmp_path)
        assert (found.shape, found.dtype) == ((5, TRUNK_FEATURES), np.float16)
        assert np.abs(found - expected).max() <= 1e-3 * np.abs(expected).max()
        assert np.array_equal(found, expected.astype(np.float16)) or np.abs(found - expected).max() < 4e-3
    assert len(stored(tmp_path)) == 5


def test_what_is_kept_is_not_computed_again(rois, network, tmp_path):
    count = Count(network)
    first = trunk_features(rois, network, spec=SPEC, cache=tmp_path)
    assert count.rois == 5
    assert np.array_equal(trunk_features(rois[::-1], network, spec=SPEC, cache=tmp_path), first[::-1])
    assert count.rois == 5


def test_batches_give_the_same(rois, network, tmp_path):
    one = trunk_features(rois, network, spec=SPEC, cache=tmp_path / "one")
    told = []
    two = trunk_features(
        rois,
        network,
        spec=SPEC,
        cache=tmp_path / "two",
        batch=2,
        progress=lambda done, total: told.append((done, total)),
    )
    assert np.abs(one.astype(np.float32) - two).max() < 4e-3
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_the_name_of_a_file_is_its_content(rois, network, tmp_path):
    count = Count(network)
    trunk_features(rois[:1], network, spec=SPEC, cache=tmp_path)
    changed = rois[0].copy()
    changed[0, 0, 0] ^= 1
    trunk_features([changed], network, spec=SPEC, cache=tmp_path)
    mirrored = trunk_features([rois[0][:, ::-1]], network, spec=SPEC, cache=tmp_path)
    other = trunk_features(rois[:1], network, spec=InputSpec(mean=(0.5, 0.5, 0.5)), cache=tmp_path)
    assert (count.rois, len(stored(tmp_path))) == (4, 4)
    assert not np.array_equal(mirrored, other)
    with torch.no_grad():
        network.features[1].bias[0] += 1
    retrained = trunk_features(rois[:1], network, spec=SPEC, cache=tmp_path)
    assert (count.rois, len(stored(tmp_path))) == (5, 5)
    assert np.abs(retrained - direct(rois[:1], network)).max() < 4e-3


def test_an_interrupted_run_goes_on_where_it_was(rois, network, tmp_path):
    count = Count(network)

    def interrupt(done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trunk_features(rois, network, spec=SPEC, cache=tmp_path, progress=interrupt)
    assert (count.rois, len(stored(tmp_path))) == (3, 3)
    told = []
    found = trunk_features(rois, network, spec=SPEC, cache=tmp_path, progress=lambda *done: told.append(done))
    assert count.rois == 5
    assert told == [(4, 5), (5, 5)]
    assert np.abs(found - direct(rois, network)).max() < 4e-3


def test_an_interruption_while_writing_leaves_nothing_half_written(rois, network, tmp_path, monkeypatch):
    def half(stream, output, **_):
        stream.write(b"\x93NUMPY")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(np, "save", half)
        with pytest.raises(KeyboardInterrupt):
            trunk_features(rois, network, spec=SPEC, cache=tmp_path)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []
    assert np.abs(trunk_features(rois, network, spec=SPEC, cache=tmp_path) - direct(rois, network)).max() < 4e-3


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:40],
        lambda content: content[:-2],
        lambda content: b"PK\x03\x04" + content[4:],
        lambda content: bytes(len(content)),
        lambda content: content.replace(b"25088", b"25087"),
        lambda content: content.replace(b"<f2", b"<i2"),
    ],
    ids=["empty", "in the header", "cut off", "a ZIP", "zeros", "another shape", "another type"],
)
def test_a_damaged_file_is_computed_again(damage, rois, network, tmp_path):
    good = trunk_features(rois[:2], network, spec=SPEC, cache=tmp_path)
    content = {file: file.read_bytes() for file in stored(tmp_path)}
    victim = stored(tmp_path)[0]
    victim.write_bytes(damage(content[victim]))
    count = Count(network)
    told = []
    found = trunk_features(rois[:2], network, spec=SPEC, cache=tmp_path, progress=lambda *done: told.append(done))
    assert np.array_equal(found, good)
    assert count.rois == 1
    assert told == [(2, 2)]
    assert victim.read_bytes() == content[victim]


def test_nothing_in_the_trunk_is_trained_or_dropped_out(rois, network, tmp_path):
    network.train()
    trunk_features(rois[:1], network, spec=SPEC, cache=tmp_path)
    assert not network.features.training

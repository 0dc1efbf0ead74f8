"""The way back: what was published is loaded by name and revision, and checked like any other model."""

import pytest

from lesion_core.errors import CheckpointError
from lesion_core.model import find
from lesion_core.model.card import model_folder, read_card
from lesion_core.model.find import find_model
from lesion_core.publish.hub import publish


@pytest.fixture
def published(hub, model):
    return publish(model, "me/bnet", "model")


def test_a_published_model_comes_back_by_its_revision(hub, published):
    folder = find_model(f"me/bnet@{published.revision}")
    assert read_card(folder) == read_card(model_folder("bnet"))
    assert sorted(each.name for each in folder.iterdir()) == ["card.json", "weights.safetensors"]


def test_the_predictor_loads_and_checks_it(hub, published):
    from lesion_core.model.predictor import LesionPredictor

    assert LesionPredictor.load(f"me/bnet@{published.revision}").card.name == "bnet"
    repo = hub.repos["model", "me/bnet"]
    threshold = f'"threshold": {read_card(model_folder("bnet")).operating_point.threshold}'.encode()
    assert threshold in repo.files["card.json"]
    changed = repo.commit({**repo.files, "card.json": repo.files["card.json"].replace(threshold, threshold + b"1")})
    with pytest.raises(CheckpointError, match="changed after it was written"):
        LesionPredictor.load(f"me/bnet@{changed}")
    weights = bytearray(repo.files["weights.safetensors"])
    weights[-1] ^= 1
    other = repo.commit({**repo.at(published.revision)[1], "weights.safetensors": bytes(weights)})
    with pytest.raises(CheckpointError, match="is not the file its card describes"):
        LesionPredictor.load(f"me/bnet@{other}")


def test_an_older_revision_stays_what_it_was(hub, published):
    repo = hub.repos["model", "me/bnet"]
    repo.commit({**repo.files, "card.json": b"{}"})
    assert read_card(find_model(f"me/bnet@{published.revision}")).name == "bnet"


def test_a_bundled_model_comes_first_and_asks_nobody(hub):
    assert find_model("bnet") == model_folder("bnet")
    assert hub.sent == []


def test_a_tag_is_a_fixed_state_and_a_branch_is_none(hub, published):
    hub.repos["model", "me/bnet"].tags["v1"] = published.revision
    assert read_card(find_model("me/bnet@v1")).name == "bnet"
    for name in ("dev", published.revision[:12], "refs/pr/1"):
        with pytest.raises(CheckpointError, match=r"neither a commit .* nor a tag of me/bnet; a branch moves"):
            find_model(f"me/bnet@{name}")


def test_a_commit_that_was_fetched_is_found_without_a_network(hub, published, monkeypatch):
    from huggingface_hub import constants

    first = find_model(f"me/bnet@{published.revision}")
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", "http://127.0.0.1:9/{repo_id}/resolve/{revision}/{filename}"
    )
    assert find_model(f"me/bnet@{published.revision}") == first
    for name in (f"me/bnet@{'0' * 40}", "me/bnet@v1"):
        with pytest.raises(CheckpointError, match=r"could not be fetched .*: check the network"):
            find_model(name)


@pytest.mark.parametrize("name", ["me/bnet", "me/bnet@main", "me/bnet@HEAD"])
def test_a_moving_name_is_refused(hub, name):
    with pytest.raises(CheckpointError, match="me/bnet@REVISION"):
        find_model(name)
    assert hub.sent == []


def test_a_folder_with_such_a_name_is_a_folder(hub, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "me" / "bnet").mkdir(parents=True)
    with pytest.raises(CheckpointError, match="no model named 'me/bnet'"):
        find_model("me/bnet")


def test_what_the_hub_does_not_have(hub, published, monkeypatch):
    with pytest.raises(CheckpointError, match="has no revision"):
        find_model(f"me/bnet@{'0' * 40}")
    with pytest.raises(CheckpointError, match="has no model me/none"):
        find_model("me/none@v1")
    hub.faults["/api/models"] = [500] * 9
    with pytest.raises(CheckpointError, match="could not be fetched"):
        find_model("me/bnet@v1")


def test_names_of_every_other_kind_are_folders_or_bundled():
    for name in ("nothing", "a/b/c@d", "../x", "/x/y", "", "a@b"):
        with pytest.raises(CheckpointError, match="no model named"):
            find_model(name)
    assert find._ON_HUB.fullmatch("me/bnet@refs/pr/1")

import hashlib

import pytest
from huggingface_hub import HfApi

from lesion_core.errors import PublishError
from lesion_core.publish.hub import publish
from lesion_core.publish.stage import staged as staged_files
from tests.publish.hub import LARGE, TOKEN

KINDS = ("space", "model")


def content_of(stage):
    return {file.name: (stage.folder / file.name).read_bytes() for file in stage.files}


def held(hub, kind, repo):
    return {name: content for name, content in hub.repos[kind, repo].files.items() if name != ".gitattributes"}


@pytest.fixture
def small(tmp_path):
    """A model's folder, but for weights of a few bytes."""
    folder = tmp_path / "small"
    (folder / "scores").mkdir(parents=True)
    (folder / "card.json").write_text("{}")
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n\n# Small\n")
    (folder / "weights.safetensors").write_bytes(bytes(range(256)) * 40)
    (folder / "scores" / "a.csv").write_text("a\n1\n")
    return staged_files(folder)


@pytest.fixture(params=KINDS)
def staged(request):
    return request.param, request.getfixturevalue(request.param)


def test_exactly_the_staged_files_go_up_and_the_repository_is_private(hub, staged):
    kind, stage = staged
    done = publish(stage, "me/thing", kind)
    assert held(hub, kind, "me/thing") == content_of(stage)
    assert hub.repos[kind, "me/thing"].private
    assert (done.created, done.private) == (True, True)
    assert done.revision == hub.repos[kind, "me/thing"].commits[-1][0]
    assert done.url == f"{hub.url}/{'spaces/' if kind == 'space' else ''}me/thing"
    assert hub.repos[kind, "me/thing"].sdk == ("gradio" if kind == "space" else None)


def test_repeating_it_changes_nothing(hub, staged):
    kind, stage = staged
    first = publish(stage, "me/thing", kind)
    arrived = list(hub.arrived)
    again = publish(stage, "me/thing", kind)
    assert (again.revision, again.created) == (first.revision, False)
    assert len(hub.repos[kind, "me/thing"].commits) == 2  # the hub's own first one, and ours
    assert hub.arrived == arrived


@pytest.mark.parametrize("status", [500, 0])
@pytest.mark.parametrize("place", ["/preupload/", "/lfs/objects/batch", "/lfs/LARGE", "/commit/"])
def test_interrupted_and_repeated_it_ends_in_the_same_state(hub, small, place, status):
    large = hashlib.sha256((small.folder / "weights.safetensors").read_bytes()).hexdigest()
    hub.faults[place.replace("LARGE", large)] = [status] * 9
    with pytest.raises(PublishError, match="run the command again and it goes on where it stopped"):
        publish(small, "me/bnet", "model")
    assert held(hub, "model", "me/bnet") == {}
    hub.faults.clear()
    publish(small, "me/bnet", "model")
    assert held(hub, "model", "me/bnet") == content_of(small)
    # The weights arrived once, however often it was tried.
    assert len(hub.arrived) == 1


def test_files_that_are_no_longer_staged_are_taken_away(hub, small):
    publish(small, "me/bnet", "model")
    repo = hub.repos["model", "me/bnet"]
    repo.commit({**repo.files, "old.txt": b"old", "scores/old.csv": b"old"})
    publish(small, "me/bnet", "model")
    assert held(hub, "model", "me/bnet") == content_of(small)
    assert ".gitattributes" in repo.files


@pytest.mark.parametrize("kind", KINDS)
def test_a_repository_of_something_else_is_left_alone(hub, small, kind):
    publish(small, "me/other", kind)
    repo = hub.repos[kind, "me/other"]
    other = {".gitattributes": b"", "README.md": b"mine", **{f"thesis/{number}.tex": b"x" for number in range(7)}}
    repo.commit(other)
    words = r"me/other holds other files \(thesis/0\.tex, .* and 2 more\).* give the name of a new repository"
    with pytest.raises(PublishError, match=words):
        publish(small, "me/other", kind)
    assert repo.files == other
    repo.commit({".gitattributes": b"", "README.md": b"as the hub makes it"})
    publish(small, "me/other", kind)
    assert held(hub, kind, "me/other") == content_of(small)


def test_a_repository_that_is_there_keeps_its_visibility(hub, small):
    assert not publish(small, "me/bnet", "model", public=True).private
    assert not publish(small, "me/bnet", "model").private


def test_a_name_alone_is_taken_in_the_own_account_and_hardware_is_asked_for(hub, space):
    done = publish(space, "lesions", "space", hardware="zero-a10g")
    assert done.repo == "me/lesions"
    assert hub.repos["space", "me/lesions"].hardware == "zero-a10g"


def test_no_token_nothing_else_than_what_was_staged_and_no_token_in_it(hub, space, model):
    publish(space, "me/lesions", "space")
    publish(model, "me/bnet", "model")
    assert TOKEN.encode() not in b"".join(hub.received)
    large = {
        hashlib.sha256((stage.folder / file.name).read_bytes()).hexdigest()
        for stage in (space, model)
        for file in stage.files
        if file.name.endswith(LARGE)
    }
    assert set(hub.stored) == large


def test_without_a_token(hub, small, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    for name in ("me/bnet", "bnet"):
        with pytest.raises(PublishError, match=r"write access at https://huggingface.co/settings/tokens"):
            publish(small, name, "model")
    assert hub.repos == {}


def test_with_a_token_that_is_not_known(hub, small):
    with pytest.raises(PublishError, match="does not know this token"):
        publish(small, "bnet", "model", api=HfApi(token="hf_wrong"))


def test_without_rights(hub, small):
    with pytest.raises(PublishError, match="may not write the model other/bnet"):
        publish(small, "other/bnet", "model")
    hub.faults["/commit/"] = [403]
    with pytest.raises(PublishError, match="may not write the model me/bnet"):
        publish(small, "me/bnet", "model")


@pytest.mark.parametrize(
    ("status", "words"), [(403, "may not write the model me/bnet"), (401, "does not know this token")]
)
def test_refused_by_the_storage_behind_the_hub(hub, small, monkeypatch, status, words):
    """Large files go through hf_xet today, which has errors of its own."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
    hub.faults["/xet-write-token/"] = [status] * 99
    with pytest.raises(PublishError, match=words):
        publish(small, "me/bnet", "model")
    assert held(hub, "model", "me/bnet") == {}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionError("Network error: connection reset"), "run the command again and it goes on where it stopped"),
        (RuntimeError("Data processing error: CAS service error"), "run the command again"),
        (FileNotFoundError(2, "No such file or directory", "stage/weights.safetensors"), "stage it again"),
    ],
)
def test_what_else_an_upload_may_end_with(hub, small, monkeypatch, error, words):
    def broken(*_, **__):
        raise error

    monkeypatch.setattr(HfApi, "create_commit", broken)
    with pytest.raises(PublishError, match=words):
        publish(small, "me/bnet", "model")


def test_where_a_paid_plan_is_asked_for(hub, space):
    hub.faults["/repos/create"] = [402]
    with pytest.raises(PublishError, match="ZeroGPU Spaces, try --hardware zero-a10g"):
        publish(space, "me/lesions", "space")


def test_without_a_network(small, monkeypatch):
    api = HfApi(endpoint="http://127.0.0.1:9", token=TOKEN)
    with pytest.raises(PublishError, match=r"the hub cannot be reached .*: check the network and HF_ENDPOINT"):
        publish(small, "me/bnet", "model", api=api)


def test_a_name_that_is_none(hub, small):
    with pytest.raises(PublishError, match="is no name of a repository"):
        publish(small, "me/a b", "model")

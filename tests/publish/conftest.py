"""A hub on this machine, and the project staged once."""

import pytest

from lesion_core.publish.model import stage_model
from lesion_core.publish.space import stage_space
from tests.publish.hub import TOKEN, Hub


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """The stand-in, as huggingface_hub's endpoint; `hub.url` is its address."""
    from huggingface_hub import constants
    from huggingface_hub.utils import _http

    made = Hub()
    server, made.url = made.serve()
    monkeypatch.setattr(constants, "ENDPOINT", made.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", made.url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
    monkeypatch.setattr(_http.time, "sleep", lambda seconds: None)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def space(tmp_path_factory):
    return stage_space(tmp_path_factory.mktemp("publish") / "space")


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    return stage_model("bnet", tmp_path_factory.mktemp("publish") / "model", repo="me/bnet")

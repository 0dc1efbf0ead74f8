"""Find a model by name: a bundled one first, then a folder, then a pinned revision on the hub. No torch in here."""

from __future__ import annotations

import re
from pathlib import Path

from lesion_core.errors import CheckpointError
from lesion_core.model.card import CARD_FILE, WEIGHTS_FILE, bundled_names, model_folder

_PART = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_ON_HUB = re.compile(rf"(?P<repo>{_PART}/{_PART})(?:@(?P<revision>[A-Za-z0-9][A-Za-z0-9._/-]*))?")
#: Never asked for: these are branches everywhere.
_MOVING = ("main", "master", "head")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def find_model(name: str) -> Path:
    """The folder of a model, fetched from the hub when it is named so.

    Args:
        name: "bnet", a path, or "owner/name@revision" with a commit (40 hex digits) or a tag of a repository on the
            hub. A branch moves: what it names today may be another model tomorrow. A commit that was fetched once
            is found without a network.

    Raises:
        CheckpointError: there is none of that name, the revision is not pinned, or the hub does not give it.
    """
    wanted = _ON_HUB.fullmatch(name)
    if wanted is None or (not wanted["revision"] and Path(name).exists()) or name in bundled_names():
        return model_folder(name)
    revision = wanted["revision"] or ""
    if not revision or revision.lower() in _MOVING:
        raise CheckpointError(
            f"{name!r} names no fixed state of a model: add a commit or tag of its repository, "
            f"{wanted['repo']}@REVISION (neither a folder nor a bundled model has this name)"
        )
    return _fetch(wanted["repo"], revision)


def _fetch(repo: str, revision: str) -> Path:
    import httpx2
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    where = f"{repo}@{revision}"
    try:
        if not _COMMIT.fullmatch(revision) and revision not in {tag.name for tag in HfApi().list_repo_refs(repo).tags}:
            raise CheckpointError(
                f"{revision!r} is neither a commit (all 40 digits) nor a tag of {repo}; a branch moves, so it is no "
                "answer to which model this was: take a commit or tag from its page"
            )
        folder = snapshot_download(repo, revision=revision, allow_patterns=[CARD_FILE, WEIGHTS_FILE])
    except RevisionNotFoundError as error:
        raise CheckpointError(f"{repo} has no revision {revision!r}: take a commit or tag from its page") from error
    except (GatedRepoError, RepositoryNotFoundError) as error:
        raise CheckpointError(
            f"the hub has no model {repo}, or it is private: check the name, and set HF_TOKEN if it is yours"
        ) from error
    except (
        LocalEntryNotFoundError,
        HfHubHTTPError,
        httpx2.HTTPError,
        OSError,
    ) as error:  # OSError: hf_xet, a full disk
        raise CheckpointError(
            f"{where} could not be fetched ({type(error).__name__}): check the network, then try again"
        ) from error
    return Path(folder)

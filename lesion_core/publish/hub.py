"""Bring a staged folder to the hub, in one commit: afterwards the repository holds the staged files and nothing else.

Repeating it changes nothing; repeating it after an interruption sends only what is missing. The hub's address and the
token are huggingface_hub's own settings (HF_ENDPOINT, HF_TOKEN or `hf auth login`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lesion_core.errors import PublishError
from lesion_core.publish.stage import Stage

if TYPE_CHECKING:
    from huggingface_hub import HfApi

Kind = Literal["space", "model"]
#: The hub's own file: which suffixes are kept as large files.
KEPT = (".gitattributes",)
#: What tells a repository of this project from any other: only such a one is made to hold the stage and nothing else.
MARKS: dict[Kind, str] = {"space": "lesion_core/__init__.py", "model": "card.json"}


@dataclass(frozen=True)
class Published:
    """What a repository holds now.

    Attributes:
        repo: "owner/name".
        url: of its page.
        revision: the commit, 40 hex digits.
        created: whether the repository is new.
        private: whether only its owner sees it.
    """

    repo: str
    url: str
    revision: str
    created: bool
    private: bool


def publish(
    stage: Stage, name: str, kind: Kind, *, public: bool = False, hardware: str = "", api: HfApi | None = None
) -> Published:
    """Create the repository where there is none, and make it hold the staged files.

    Args:
        stage: what goes up.
        name: "owner/name", or "name" in the account of the token.
        kind: of repository.
        public: whether a new repository is public; one that is there keeps what it is.
        hardware: of a new Space, e.g. "zero-a10g"; the hub's default when empty.
        api: the hub; the configured one when left out.

    Raises:
        PublishError: no token, no rights, no network, the hub refuses, or the repository holds something else; the
            message says what to do.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
    from huggingface_hub.errors import RepositoryNotFoundError

    hub = api or HfApi()
    with _in_words(name, kind):
        repo = name if "/" in name else f"{hub.whoami()['name']}/{name}"
        try:
            before = hub.repo_info(repo, repo_type=kind)
        except RepositoryNotFoundError:
            before = None
        if before is None:
            more = (
                {"space_sdk": "gradio"} | ({"space_hardware": hardware} if hardware else {}) if kind == "space" else {}
            )
            hub.create_repo(repo, repo_type=kind, private=not public, exist_ok=True, **more)  # type: ignore[arg-type]
        there = set(hub.list_repo_files(repo, repo_type=kind))
        _check_ours(repo, kind, there)
        wanted = {file.name for file in stage.files}
        gone = sorted(there - wanted - set(KEPT))
        commit = hub.create_commit(
            repo,
            [
                *(CommitOperationAdd(file.name, stage.folder / file.name) for file in stage.files),
                *(CommitOperationDelete(each) for each in gone),
            ],
            commit_message=f"{len(stage.files)} files" + (f", {len(gone)} removed" if gone else ""),
            repo_type=kind,
        )
        after = hub.repo_info(repo, repo_type=kind)
    page = f"{hub.endpoint}/{'spaces/' if kind == 'space' else ''}{repo}"
    return Published(repo, page, str(commit.oid), before is None, bool(after.private))


def _check_ours(repo: str, kind: Kind, there: set[str]) -> None:
    """Refuse to take away the files of a repository that was named by mistake."""
    others = sorted(there - {*KEPT, "README.md"})
    if others and MARKS[kind] not in there:
        shown = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
        raise PublishError(
            f"{repo} holds other files ({shown}), which publishing would take away: give the name of a new repository,"
            " or empty this one on the hub first"
        )


@contextmanager
def _in_words(name: str, kind: Kind) -> Iterator[None]:
    """Say what went wrong on the hub in words that say what to do."""
    import httpx2  # the client under huggingface_hub
    from huggingface_hub.errors import HFValidationError, LocalTokenNotFoundError, OfflineModeIsEnabled

    try:
        yield
    except LocalTokenNotFoundError as error:
        raise PublishError(_NO_TOKEN) from error
    except OfflineModeIsEnabled as error:
        raise PublishError("HF_HUB_OFFLINE is set: unset it to publish, or use --dry-run") from error
    except HFValidationError as error:
        raise PublishError(
            f"{name!r} is no name of a repository (owner/name, letters, digits, - _ .): {error}"
        ) from error
    except httpx2.HTTPError as error:  # HfHubHTTPError too
        raise PublishError(_explained(error, name, kind)) from error
    except (RuntimeError, OSError) as error:  # a large file: huggingface_hub or hf_xet wrap what went wrong
        raise PublishError(_explained(error.__cause__ or error, name, kind)) from error


def _explained(error: BaseException, name: str, kind: Kind) -> str:
    from huggingface_hub.errors import HfHubHTTPError

    words = (str(error).strip() or type(error).__name__).splitlines()[-1]
    if isinstance(error, HfHubHTTPError):
        return _refused(error.response.status_code if error.response is not None else 0, name, kind, words)
    if isinstance(error, OSError) and error.filename is not None:
        return f"a staged file cannot be read ({error}): stage it again"
    if stated := _STATUS.search(words):  # hf_xet knows no types of answers, it only writes them down
        return _refused(int(stated[1]), name, kind, words)
    return (
        f"the hub cannot be reached ({type(error).__name__}: {error}): check the network and HF_ENDPOINT; "
        "nothing is lost, run the command again and it goes on where it stopped"
    )


_STATUS = re.compile(r"HTTP status (?:client|server) error \((\d{3})")
_NO_TOKEN = (
    "there is no token: make one with write access at https://huggingface.co/settings/tokens and set HF_TOKEN, or run "
    "`hf auth login`; --dry-run needs none"
)


def _refused(status: int, name: str, kind: Kind, words: str) -> str:
    if status == 401:
        return f"the hub does not know this token ({words}). {_NO_TOKEN}"
    if status == 402:
        return (
            f"the hub asks for a paid plan ({words}): free accounts may host ZeroGPU Spaces, try --hardware zero-a10g"
        )
    if status in (403, 404):
        return (
            f"this token may not write the {kind} {name} ({words}): use a token with write access to it, or publish "
            "under your own name"
        )
    return (
        f"the hub answered {status} ({words}): nothing is lost, run the command again and it goes on where it stopped"
    )

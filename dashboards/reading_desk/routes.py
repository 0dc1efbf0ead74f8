"""The reading desk over HTTP: the page, its files, and the endpoints that it alone talks to.

The page is no Gradio page: a blinded reader's browser must not get the configuration of the other tabs, which name
cases and scores, and fifty answers at once must not stand in Gradio's queue. `reading_routes` goes into the app that
`Blocks.launch` makes (``app_kwargs={"routes": ...}``); everything it answers is made by `lesion_core.reading.shown`.
A token travels in a header of its own, so no other site can answer in a reader's name, and the one that lets a browser
through to a private Space stays untouched.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from dashboards import reading_store
from lesion_core.errors import InputError, LesionError, StoreError
from lesion_core.reading.answer import read_answer
from lesion_core.reading.limit import images_go_out, page_says
from lesion_core.reading.place import Place
from lesion_core.reading.shown import ShownPlace, shown_place, shown_step, shown_study
from lesion_core.reading.stored import AlreadyAnsweredError, SignInError, Sitting
from lesion_core.reading.study import not_unicode
from lesion_core.reading.teaching import reveal

log = logging.getLogger(__name__)
PREFIX = "/reading"
TOKEN_HEADER = "X-Reading-Token"
#: Set by a Space whose README says ``hf_oauth: true``.
OAUTH_SECRET = "OAUTH_CLIENT_SECRET"
#: An answer with a border of 2,000 points and 500 events stays well below it.
MOST_BODY_BYTES = 200_000
_FILES = {
    "desk.css": "text/css",
    "desk.js": "text/javascript",
    "clock.js": "text/javascript",
    "entrance.js": "text/javascript",
    "form.js": "text/javascript",
    "net.js": "text/javascript",
    "screens.js": "text/javascript",
    "status.js": "text/javascript",
    "viewer.js": "text/javascript",
}
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE_HEADERS = _HEADERS | {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
}


@dataclass(frozen=True)
class _Ask:
    """A request, with its body read."""

    path: dict[str, Any]
    token: str
    payload: Any
    hugging_face: str


def reading_routes() -> list[BaseRoute]:
    """Everything below `PREFIX`."""
    api = f"{PREFIX}/api"
    return [
        Route(PREFIX, lambda request: RedirectResponse(f"{request.scope.get('root_path', '')}{PREFIX}/")),
        Route(f"{PREFIX}/", _page),
        Route(f"{PREFIX}/{{name}}", _file),
        Route(f"{api}/who", _endpoint(_who)),
        Route(f"{api}/enter", _endpoint(_enter), methods=["POST"]),
        Route(f"{api}/desk", _endpoint(_desk)),
        Route(f"{api}/agree", _endpoint(_agree), methods=["POST"]),
        Route(f"{api}/answer", _endpoint(_answer), methods=["POST"]),
        Route(f"{api}/step/{{position:int}}", _endpoint(_step)),
        Route(f"{api}/look/{{position:int}}", _endpoint(_look), methods=["POST"]),
        Route(f"{api}/image/{{position:int}}/{{view:int}}", _endpoint(_image)),
    ]


def _who(ask: _Ask) -> Response:
    """The Hugging Face account that is signed in here, and whether one can be: the page offers what there is."""
    return _json({"hugging_face": ask.hugging_face, "login": bool(os.environ.get(OAUTH_SECRET))})


def _enter(ask: _Ask) -> Response:
    """Sign in by name and code; without a name as the Hugging Face account that is signed in on this Space."""
    study, name, code = _texts(ask.payload, "study", "name", "code")
    screen = _texts(ask.payload, "screen")[0]
    desk = reading_store.desk()
    if ask.hugging_face and not name.strip():
        return _json(asdict(desk.enter_as(study, ask.hugging_face, code=code, screen=screen)))
    return _json(asdict(desk.enter(study, name, code, screen=screen)))


def _desk(ask: _Ask) -> Response:
    """The study's rules and where the reader stands."""
    sitting = _sitting(ask)
    study = reading_store.store().study(sitting.study_id)
    place = asdict(_place(sitting)) if sitting.agreed else None
    shown = {"study": asdict(shown_study(study)), "reader": sitting.reader, "agreed": sitting.agreed, "place": place}
    return _json(shown)


def _agree(ask: _Ask) -> Response:
    """The reader agrees to the rules."""
    sitting = _sitting(ask)
    experience, display = _texts(ask.payload, "experience", "display")
    reading_store.desk().agree(sitting, experience=experience, display=display)
    return _json(asdict(_place(sitting)))


def _answer(ask: _Ask) -> Response:
    """Store an answer; the reply comes once it is on disk, and only then holds what teaching reveals."""
    sitting = _sitting(ask)
    store = reading_store.store()
    study = store.study(sitting.study_id)
    answer = read_answer(ask.payload, study)
    try:
        place = reading_store.desk().record(sitting, answer)
    except AlreadyAnsweredError as error:
        return _json({"error": str(error), "place": asdict(_place(sitting))}, 409)
    shown = asdict(_shown(sitting, place))
    revealed = asdict(reveal(store, sitting, answer.position)) if study.purpose == "teach" else None
    return _json({"place": shown, "reveal": revealed})


def _step(ask: _Ask) -> Response:
    """An earlier step, to be corrected."""
    sitting, position = _sitting(ask), int(ask.path["position"])
    store, desk = reading_store.store(), reading_store.desk()
    desk.check_correction(sitting, position)
    study, steps = store.study(sitting.study_id), store.steps(sitting.reader_id)
    answered, earlier = desk.place(sitting).answered, desk.latest(sitting, position)
    return _json(asdict(shown_step(study, steps, position, answered=answered, earlier=earlier)))


def _image(ask: _Ask) -> Response:
    """An image of a step that was answered, is open, or comes next."""
    sitting, position = _sitting(ask), int(ask.path["position"])
    store = reading_store.store()
    steps, place = store.steps(sitting.reader_id), reading_store.desk().place(sitting)
    limited = store.study(sitting.study_id).time_limit_s is not None
    ahead = 0 if limited else 1  # where time is limited the server's clock starts with the image
    if not sitting.agreed or position >= len(steps) or position > place.answered + ahead or place.state == "wait":
        raise InputError("this case is not open yet")
    if steps[position].period > steps[min(place.answered, len(steps) - 1)].period:
        raise InputError("this case is not open yet")
    if limited:
        images_go_out(store, sitting, position)
    png = store.image(sitting.study_id, steps[position].item, int(ask.path["view"]))
    return Response(png, media_type="image/png", headers=_HEADERS)


def _look(ask: _Ask) -> Response:
    """The page hides the images of a case, or shows them again: what stops and starts the server's clock."""
    sitting = _sitting(ask)
    page_says(reading_store.store(), sitting, int(ask.path["position"]), _texts(ask.payload, "what")[0])
    return _json({})


def _place(sitting: Sitting) -> ShownPlace:
    return _shown(sitting, reading_store.desk().place(sitting))


def _shown(sitting: Sitting, place: Place) -> ShownPlace:
    store = reading_store.store()
    unaided = reading_store.desk().unaided_answer(sitting, place)
    return shown_place(store.study(sitting.study_id), store.steps(sitting.reader_id), place, unaided=unaided)


def _sitting(ask: _Ask) -> Sitting:
    return reading_store.desk().sitting(ask.token)


def _endpoint(work: Callable[[_Ask], Response]) -> Callable[[Request], Awaitable[Response]]:
    """Read the body, work in a thread, and say what went wrong in the core's words."""

    async def handle(request: Request) -> Response:
        try:
            ask = await _read(request)
            return await run_in_threadpool(work, ask)
        except SignInError as error:
            return _json({"error": str(error)}, 401)
        except StoreError as error:
            log.warning("readings: %s", error)
            return _json({"error": str(error)}, 503)
        except LesionError as error:
            return _json({"error": str(error)}, 400)

    return handle


async def _read(request: Request) -> _Ask:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY_BYTES:
            raise InputError(f"the request is larger than {MOST_BODY_BYTES // 1000} kB")
    try:
        payload = json.loads(bytes(body)) if body else None
    except (ValueError, RecursionError):
        raise InputError("the request is no JSON") from None
    return _Ask(dict(request.path_params), request.headers.get(TOKEN_HEADER, ""), payload, _hugging_face(request))


def _hugging_face(request: Request) -> str:
    """The account that Gradio's login on a Space has put into the signed session; empty elsewhere.

    Without a secret of the Space's own Gradio signs with a key that anybody can work out: then nobody is believed.
    """
    if not os.environ.get(OAUTH_SECRET):
        return ""
    session = request.scope.get("session") or {}
    return str(session.get("oauth_info", {}).get("userinfo", {}).get("preferred_username", ""))


def _texts(payload: Any, *names: str) -> Sequence[str]:
    if not isinstance(payload, dict):
        raise InputError("the request must be a JSON object")
    values = [payload.get(name, "") for name in names]
    if not all(isinstance(value, str) and len(value) <= 400 for value in values):
        raise InputError(f"{', '.join(names)} must be short texts")
    if any("\0" in value or not_unicode(value) for value in values):
        raise InputError(f"{', '.join(names)} must be plain text: type it again")
    return values


def _json(content: Any, status: int = 200) -> JSONResponse:
    return JSONResponse(content, status, headers=_HEADERS)


def _page(request: Request) -> Response:
    del request
    return Response(_content("desk.html"), media_type="text/html", headers=_PAGE_HEADERS)


def _file(request: Request) -> Response:
    name = str(request.path_params["name"])
    if name not in _FILES:
        return Response("not found", 404)
    return Response(_content(name), media_type=_FILES[name], headers=_HEADERS)


@cache
def _content(name: str) -> bytes:
    return (Path(__file__).parent / name).read_bytes()

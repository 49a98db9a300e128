"""The ward's page: which address is which, who may see it, and what is on it."""

import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from nightvoice.hub.accounts import Account, Accounts, Role
from nightvoice.hub.export import export, study_key
from nightvoice.hub.live_state import HELP, Bed, LiveState
from nightvoice.hub.store import Store
from nightvoice.insight.night import last_night
from nightvoice.web.app import assemble, posted
from nightvoice.web.context import TEMPLATES, saved, show
from nightvoice.web.endpoints import Page, Save, page, saving
from nightvoice.web.kit.forms import Typed
from nightvoice.web.kit.host_check import AllowedHosts
from nightvoice.web.kit.throttle import Throttle
from nightvoice.web.pages.live import Live

LOOK_S: Final = 0.1
"""How often an open page is told that there is something new, at most."""
MOST: Final = 200
"""Beds of one list."""
_FIRST: Final = {Role.WARD: "/", Role.STUDY: "/study", Role.ADMIN: "/"}
"""Where each role begins."""


@dataclass(slots=True)
class WardContext:
    """What the ward's pages share."""

    access: Accounts
    ward: LiveState
    connected: Callable[[], bool]
    """Whether the broker answers."""
    open_store: Callable[[], Store]
    key_file: Path
    """Of the study's pseudonyms."""
    now: Callable[[], datetime] = lambda: datetime.now().astimezone()
    throttle: Throttle = field(default_factory=Throttle)
    templates: tuple[Path, ...] = (Path(__file__).parent / "templates", TEMPLATES)


def make_app(desk: WardContext, names: AllowedHosts) -> Starlette:
    """The page over ``desk``, for whoever asks for it by one of ``names``."""
    looks, admin = (Role.WARD, Role.ADMIN), (Role.ADMIN,)
    routes = [
        Route("/", page(_for(looks, _ward)), methods=["GET"]),
        Route("/live", Live(lambda request: _desk(request).ward.version(_desk(request).now()), LOOK_S).__call__),
        Route("/study", page(_for((Role.STUDY,), _study)), methods=["GET"]),
        Route("/study/export", page(_for((Role.STUDY,), _export)), methods=["GET"]),
        Route("/people", page(_for(admin, _people)), methods=["GET"]),
        posted("/people", saving(_saving_for(admin, _add))),
        posted("/people/remove", saving(_saving_for(admin, _remove))),
        posted("/people/retain", saving(_saving_for(admin, _retain))),
        Route("/login", page(_ask, to_all=True), methods=["GET"]),
        posted("/login", saving(_log_in, to_all=True)),
        posted("/logout", saving(_log_out)),
    ]
    return assemble(routes, desk, desk.access.key, names)


def _desk(request: Request) -> WardContext:
    desk: WardContext = request.app.state.context
    return desk


def _who(request: Request) -> Account | None:
    return _desk(request).access.who(request.session.get("token"))


def _for(roles: tuple[Role, ...], make: Page) -> Page:
    """The page, for these roles."""

    def made(request: Request) -> Response:
        person = _who(request)
        if person is not None and person.role in roles:
            return make(request)
        if person is not None and request.url.path == "/":
            return RedirectResponse(_FIRST[person.role], 303)
        return show(request, "problem.html", 403, problem="role")

    return made


def _saving_for(roles: tuple[Role, ...], save: Save) -> Save:
    def taken(request: Request, typed: Typed) -> Response:
        person = _who(request)
        allowed = person is not None and person.role in roles
        return save(request, typed) if allowed else show(request, "problem.html", 403, problem="role")

    return taken


def _pages(request: Request) -> tuple[tuple[str, str], ...]:
    person = _who(request)
    return (("/", "The ward"), ("/people", "Accounts")) if person is not None and person.role is Role.ADMIN else ()


def _ward(request: Request) -> Response:
    """``/``: the cramps of now, who is not heard, and last night; ``?beds=``: of beds whose names begin so."""
    desk, now = _desk(request), _desk(request).now()
    version = desk.ward.version(now)
    begins = request.query_params.get("beds", "")
    beds = [bed for bed in desk.ward.beds() if bed.name.startswith(begins)]

    def asks(bed: Bed) -> bool:
        return bed.help is not None and now - bed.help < HELP

    gone, deaf = [bed for bed in beds if bed.gone(now)], [bed for bed in beds if bed.deaf(now)]
    return show(
        request,
        "ward.html",
        pages=_pages(request),
        version=version,
        connected=desk.connected(),
        now=now,
        zone=now.tzinfo,
        date=last_night(now),
        begins=begins,
        count=len(beds),
        shown=beds[:MOST],
        cramps=[bed for bed in beds if bed.cramp is not None],
        helps=[bed for bed in beds if asks(bed) and bed.cramp is None],
        gone=gone[:MOST],
        deaf=deaf[:MOST],
        more=max(0, len(gone) - MOST) + max(0, len(deaf) - MOST),
        asks=asks,
    )


def _study(request: Request) -> Response:
    return show(request, "study.html")


def _export(request: Request) -> Response:
    """``/study/export``"""
    desk = _desk(request)
    key = study_key(desk.key_file)
    with (
        closing(desk.open_store()) as store,
        tempfile.NamedTemporaryFile("w", prefix="nightvoice-", suffix=".jsonl", delete=False) as out,
    ):
        file = Path(out.name)
        try:
            out.writelines(export(store, key))
        except BaseException:
            file.unlink()
            raise
    return FileResponse(
        file,
        media_type="application/jsonl",
        filename="nightvoice-study.jsonl",
        background=BackgroundTask(file.unlink),
    )


def _people(request: Request) -> Response:
    """``/people``"""
    desk, person = _desk(request), _who(request)
    with closing(desk.open_store()) as store:
        kept = store.kept()
    dropped = request.session.pop("dropped", None)
    return show(
        request,
        "people.html",
        pages=_pages(request),
        everybody=desk.access.all(),
        me=person and person.name,
        kept=kept,
        dropped=dropped,
    )


def _add(request: Request, typed: Typed) -> Response:
    role = Role(typed["role"]) if typed.get("role") in list(Role) else Role.WARD
    _desk(request).access.add(typed.get("name", "").strip(), role, typed.get("password", ""))
    return saved(request, "/people", "saved")


def _remove(request: Request, typed: Typed) -> Response:
    _desk(request).access.remove(typed.get("name", ""))
    return saved(request, "/people", "deleted")


def _retain(request: Request, typed: Typed) -> Response:
    days = typed.get("days", "")
    if not (days.isascii() and days.isdecimal() and 1 <= int(days[:9]) <= 36_500):
        return show(request, "problem.html", 422, problem="Days: should be a number from 1 to 36500.")
    with closing(_desk(request).open_store()) as store:
        store.keep(int(days))
        request.session["dropped"] = str(store.drop_old() or "Nothing is older.")
    return saved(request, "/people", "saved")


def _ask(request: Request) -> Response:
    """``/login``"""
    person = _who(request)
    return _login(request, 200) if person is None else RedirectResponse(_FIRST[person.role], 303)


def _log_in(request: Request, typed: Typed) -> Response:
    desk = _desk(request)
    address = request.client.host if request.client else ""
    wait = ceil(desk.throttle.wait(address))
    if wait:
        return _login(request, 429, "wait", wait)
    token = desk.access.log_in(typed.get("name", "").strip(), typed.get("password", ""))
    if token is None:
        desk.throttle.wrong(address)
        return _login(request, 401, "wrong")
    desk.throttle.right(address)
    # A new session: nothing of the time before the login stays valid.
    request.session.clear()
    request.session["token"] = token
    return _ask(request)


def _log_out(request: Request, _: Typed) -> Response:
    _desk(request).access.close_session(request.session.get("token"))
    request.session.clear()
    return saved(request, "/login", "out")


def _login(request: Request, status: int, problem: str | None = None, wait: int = 0) -> Response:
    answer = show(request, "login.html", status, problem=problem, wait=wait)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer

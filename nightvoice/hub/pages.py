"""Pages of the ward and handlers of their forms."""

import tempfile
from contextlib import closing
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from nightvoice.hub.context import account_of, context_of
from nightvoice.hub.export import export, study_key
from nightvoice.hub.roles import Role
from nightvoice.insight.night import last_night
from nightvoice.web.kit.formatting import span
from nightvoice.web.kit.forms import FormFields
from nightvoice.web.kit.render import redirect_with_notice, render

MAX_BEDS: Final = 200
"""Most beds in one list."""
EVENING: Final = time(20)
MORNING: Final = time(7)
"""From evening to morning the ward is shown dark, whatever colours the screen asks for."""


def show_ward(request: Request) -> Response:
    """``/``: calls for help, cramps under way, beds not listening, and last night; ``?beds=PREFIX`` limits the beds."""
    context = context_of(request)
    now = context.now()
    version = context.live_state.version(now)
    prefix = request.query_params.get("beds", "")
    beds = [bed for bed in context.live_state.beds() if bed.name.startswith(prefix)]

    def elapsed(at: datetime, at_first: str | None = None) -> str:
        lasts = now - at  # negative if the bed's clock is ahead
        return at_first if at_first and lasts < timedelta(seconds=30) else span(max(lasts, timedelta()))

    helps = sorted((bed for bed in beds if bed.asks_for_help(now)), key=lambda bed: bed.help or now)
    cramps = sorted(
        (bed for bed in beds if bed.cramp is not None and bed not in helps), key=lambda bed: bed.cramp or now
    )
    gone, deaf = [bed for bed in beds if bed.gone(now)], [bed for bed in beds if bed.deaf(now)]
    return render(
        request,
        "ward.html",
        pages=_menu(request),
        version=version,
        connected=context.is_connected(),
        gone_hubs=context.live_state.gone_hubs,
        now=now,
        elapsed=elapsed,
        dark=now.time() >= EVENING or now.time() < MORNING,
        date=last_night(now),
        prefix=prefix,
        count=len(beds),
        shown=beds[:MAX_BEDS],
        helps=helps,
        cramps=cramps,
        gone=gone[:MAX_BEDS],
        deaf=deaf[:MAX_BEDS],
        unreadable=[bed for bed in beds if bed.unreadable][:MAX_BEDS],
        more=max(0, len(gone) - MAX_BEDS) + max(0, len(deaf) - MAX_BEDS),
    )


def show_study(request: Request) -> Response:
    """``/study``"""
    return render(request, "study.html")


def download_export(request: Request) -> Response:
    """``/study/export``"""
    context = context_of(request)
    key = study_key(context.study_key_file)
    with (
        closing(context.open_store()) as store,
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


def show_accounts(request: Request) -> Response:
    """``/people``"""
    context, account = context_of(request), account_of(request)
    with closing(context.open_store()) as store:
        days = store.retention_days()
    return render(
        request,
        "people.html",
        pages=_menu(request),
        accounts=context.access.all(),
        own_name=account and account.name,
        retention_days=days,
        dropped=request.session.pop("dropped", None),
    )


def add_account(request: Request, form: FormFields) -> Response:
    role = Role(form["role"]) if form.get("role") in list(Role) else Role.WARD
    context_of(request).access.add(form.get("name", "").strip(), role, form.get("password", ""))
    return redirect_with_notice(request, "/people", "saved")


def remove_account(request: Request, form: FormFields) -> Response:
    context_of(request).access.remove(form.get("name", ""))
    return redirect_with_notice(request, "/people", "deleted")


def set_retention(request: Request, form: FormFields) -> Response:
    days = form.get("days", "")
    if not (days.isascii() and days.isdecimal() and 1 <= int(days[:9]) <= 36_500):
        return render(request, "problem.html", 422, problem="Days: should be a number from 1 to 36500.")
    with closing(context_of(request).open_store()) as store:
        store.set_retention(int(days))
        request.session["dropped"] = str(store.drop_expired() or "Nothing is older.")
    return redirect_with_notice(request, "/people", "saved")


def _menu(request: Request) -> tuple[tuple[str, str], ...]:
    """Return the address and label of each page in the menu. Only admins have more than one page."""
    account = account_of(request)
    return (("/", "The ward"), ("/people", "People")) if account is not None and account.role is Role.ADMIN else ()

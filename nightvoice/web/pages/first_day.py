"""The first day: three steps before there is a night to show, and a test of the microphone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import anyio
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from nightvoice.errors import NightvoiceError
from nightvoice.web.context import Context, context_of
from nightvoice.web.kit.endpoints import is_logged_in
from nightvoice.web.kit.forms import FormFields
from nightvoice.web.kit.render import render
from nightvoice.web.microphone_trial import TrialResult
from nightvoice.web.pages import night

LISTENS_NOW: Final = timedelta(minutes=3)
"""Age up to which the last sign of life of ``nightvoice run`` means that it listens now."""
LEVEL_EVERY_S: Final = 0.1
LEVELS: Final = 400
"""Levels sent on one request, more than a test of the microphone takes."""


def show_home(request: Request) -> Response:
    """``/``: last night, or the three steps before the first one."""
    context = context_of(request)
    if not _before_first_morning(context):
        return night.show_last_night(request)
    heard = context.diary.last_heard()
    listens = heard is not None and timedelta() <= context.now() - heard < LISTENS_NOW
    waiting = context.count_waiting()
    return render(request, "first_day.html", listens=listens, result=None, problem=None, waiting=waiting)


def show_microphone(request: Request) -> Response:
    """``/microphone``"""
    return _show_microphone(request)


def try_microphone(request: Request, form: FormFields) -> Response:
    """Listen for the phrase, and show whether it was heard."""
    context = context_of(request)
    try:
        result = context.microphone_trial.run(context.config)
    except NightvoiceError as error:
        return _show_microphone(request, problem=str(error))
    return _show_microphone(request, result)


def level_route() -> Route:
    """Return the route ``/microphone/level``: server-sent events with the level, from 0 to 100, during a test."""
    return Route("/microphone/level", _send_levels, methods=["GET"])


async def _send_levels(request: Request) -> Response:
    if not is_logged_in(request):
        return Response(status_code=401)
    return StreamingResponse(_levels(context_of(request)), media_type="text/event-stream")


async def _levels(context: Context) -> AsyncIterator[str]:
    for _ in range(LEVELS):
        level = context.microphone_trial.level
        yield ": not yet\n\n" if level is None else f"data: {level}\n\n"
        await anyio.sleep(LEVEL_EVERY_S)


def _show_microphone(request: Request, result: TrialResult | None = None, problem: str | None = None) -> Response:
    return render(request, "microphone.html", 422 if problem else 200, result=result, problem=problem)


def _before_first_morning(context: Context) -> bool:
    """Return whether no night has ended yet, and no cramp is in the diary."""
    period = context.diary.period(context.now())
    return period is None or (period[0] > context.last_night() and not context.diary.latest_episodes(1))

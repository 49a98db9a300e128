"""One cramp: everything that can be put right, and deleting it."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from nightvoice.web import words
from nightvoice.web.context import of, saved, show
from nightvoice.web.kit.forms import Typed
from nightvoice.web.pages.fields import Wrong, episode_of, filled, note, ratings


def edit(request: Request) -> Response:
    """``/episodes/ID``"""
    return _edit(request)


def save(request: Request, typed: Typed) -> Response:
    """What was put right."""
    episode = episode_of(request)
    try:
        fields = ratings(typed, "f") | {"notes": note(typed, "f", "notes")}
    except Wrong as wrong:
        return _edit(request, wrong, typed)
    chosen = {name: typed[name] or None for name in ("site", "side", "outcome") if name in typed}
    changed = {name: value for name, value in (fields | chosen).items() if value != getattr(episode, name)}
    if changed:
        of(request).diary.edit_episode(episode.id, **changed)
    return saved(request, f"/nights/{episode.night}", "saved")


def ask(request: Request) -> Response:
    """``/episodes/ID/delete``: is that really meant?"""
    return _show(request, "episode_delete.html")


def delete(request: Request, typed: Typed) -> Response:
    """It was."""
    episode = episode_of(request)
    of(request).diary.delete_episode(episode.id)
    return saved(request, f"/nights/{episode.night}", "deleted")


def _edit(request: Request, wrong: Wrong | None = None, typed: Typed | None = None) -> Response:
    now = filled(episode_of(request)) | dict(typed or {})
    return _show(request, "episode.html", wrong=wrong, now=now)


def _show(request: Request, template: str, **values: object) -> Response:
    pack = of(request).pack
    return show(
        request,
        template,
        422 if values.get("wrong") else 200,
        episode=episode_of(request),
        pack=pack,
        clock=partial(words.clock, hours=pack.morning.clock.hours),
        **values,
    )

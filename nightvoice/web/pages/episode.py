"""Pages for correcting or deleting a cramp."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from nightvoice.diary.episode import Episode
from nightvoice.diary.errors import OverlappingEpisode
from nightvoice.errors import NightvoiceError
from nightvoice.night.log import forget
from nightvoice.system import paths
from nightvoice.web.context import context_of
from nightvoice.web.kit.formatting import clock
from nightvoice.web.kit.forms import FormFields
from nightvoice.web.kit.render import redirect_with_notice, render
from nightvoice.web.pages.fields import (
    InvalidField,
    episode_fields,
    episode_in_path,
    parse_minutes,
    parse_note,
    parse_onset,
    parse_ratings,
    taken_time,
)

_FORM_ID = "f"


def show_episode(request: Request) -> Response:
    """``/episodes/ID``"""
    return _show_form(request)


def save_episode(request: Request, form: FormFields) -> Response:
    episode = episode_in_path(request)
    try:
        fields = parse_ratings(form, _FORM_ID) | {"notes": parse_note(form, _FORM_ID, "notes")}
        fields |= {name: form[name] or None for name in ("site", "side", "outcome") if name in form}
        changed = {name: value for name, value in fields.items() if value != getattr(episode, name)}
        if episode.told_later:
            changed |= _changed_times(request, episode, form)
        if changed:
            context_of(request).diary.edit_episode(episode.id, **changed)
    except OverlappingEpisode as error:
        return _show_form(request, taken_time(request, error, _FORM_ID), form)
    except InvalidField as error:
        return _show_form(request, error, form)
    return redirect_with_notice(request, f"/nights/{episode.night}", "saved")


def _changed_times(request: Request, episode: Episode, form: FormFields) -> dict[str, Any]:
    """Return the time and the length in the form that differ from those of ``episode``. Raises InvalidField."""
    before, changed = episode_fields(episode), dict[str, Any]()
    if form.get("time", before["time"]) != before["time"]:
        changed["onset"] = parse_onset(request, episode.night, form, _FORM_ID)
    if form.get("minutes", before["minutes"]).strip() != before["minutes"]:
        changed["minutes"] = parse_minutes(form, _FORM_ID)
    return changed


def confirm_deletion(request: Request) -> Response:
    """``/episodes/ID/delete``"""
    return _show(request, "episode_delete.html")


def delete_episode(request: Request, _: FormFields) -> Response:
    episode = episode_in_path(request)
    context_of(request).diary.delete_episode(episode.id)
    try:
        forget(paths.log_file(), episode)
    except NightvoiceError as error:
        raise NightvoiceError(f"The cramp is deleted from the diary. {error}") from None
    return redirect_with_notice(request, f"/nights/{episode.night}", "deleted")


def _show_form(request: Request, error: InvalidField | None = None, form: FormFields | None = None) -> Response:
    now = episode_fields(episode_in_path(request)) | dict(form or {})
    return _show(request, "episode.html", wrong=error, now=now)


def _show(request: Request, template: str, **values: object) -> Response:
    pack = context_of(request).pack
    return render(
        request,
        template,
        422 if values.get("wrong") else 200,
        episode=episode_in_path(request),
        pack=pack,
        clock=partial(clock, hours=pack.morning.clock.hours),
        **values,
    )

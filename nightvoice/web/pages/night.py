"""The page of one night: summary, timeline and forms. The home page shows last night and any cramp under way."""

from datetime import date, timedelta
from functools import partial
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from nightvoice.content.countries import HelpNumbers
from nightvoice.content.schema import Pack
from nightvoice.content.tips import Tip, tip_for
from nightvoice.diary.episode import Episode
from nightvoice.diary.night import Night
from nightvoice.insight.last_sleep import last_sleep
from nightvoice.insight.narrative import NarrativeLine, headline, tell
from nightvoice.insight.night import summarize
from nightvoice.web.context import Context, context_of
from nightvoice.web.kit import formatting
from nightvoice.web.kit.forms import FormFields
from nightvoice.web.kit.render import redirect_with_notice, render
from nightvoice.web.pages import charts
from nightvoice.web.pages.fields import (
    InvalidField,
    day_fields,
    episode_fields,
    episode_in_path,
    night_in_path,
    parse_note,
    parse_ratings,
    parse_tags,
)

ONE_DAY: Final = timedelta(days=1)
MAX_UNDER_WAY: Final = timedelta(hours=1)
"""Age from which an unfinished episode counts as cut off rather than under way."""


def show_last_night(request: Request) -> Response:
    """``/``"""
    return _show(request, context_of(request).last_night())


def show_night(request: Request) -> Response:
    """``/nights/DATE``"""
    night = night_in_path(request)
    if night == context_of(request).last_night():
        return RedirectResponse("/", 303)
    return _show(request, night)


def save_day(request: Request, form: FormFields) -> Response:
    """Save the note and the tags of the day before."""
    night = night_in_path(request)
    try:
        write_day(request, night, form)
    except InvalidField as error:
        return _show(request, night, error, form)
    return redirect_with_notice(request, f"{_address(request, night)}#day", "saved")


def write_day(request: Request, night: date, form: FormFields) -> None:
    """Write the changes in the form of day_before.html to the diary. Raises InvalidField."""
    note = parse_note(form, "day", "note")
    diary = context_of(request).diary
    before = diary.night(night)
    changed = {name: value for name, value in parse_tags(form).items() if value != before.tags.get(name)}
    if changed:
        diary.tag(night, changed)
    if note != before.note:
        diary.note(night, note)


def save_rating(request: Request, form: FormFields) -> Response:
    """Save the ratings of a cramp: severity, soreness and sleep lost."""
    episode = episode_in_path(request)
    form_id = f"episode-{episode.id}"
    try:
        ratings = parse_ratings(form, form_id)
    except InvalidField as error:
        return _show(request, episode.night, error, form)
    if ratings:
        context_of(request).diary.edit_episode(episode.id, **ratings)
    return redirect_with_notice(request, f"{_address(request, episode.night)}#{form_id}", "saved")


def _show(request: Request, date: date, error: InvalidField | None = None, form: FormFields | None = None) -> Response:
    context = context_of(request)
    config, pack, diary = context.config, context.pack, context.diary
    yesterday = context.last_night()
    if not date.min + ONE_DAY < date <= yesterday + ONE_DAY:
        raise HTTPException(404)
    night = last_sleep(diary, context.now()) if date == yesterday else diary.night(date)
    period = diary.period()
    summary = summarize(night)
    _, *lines = tell(summary, pack, config.safety.help_numbers, date != yesterday)
    tags = context.tags
    rated = {f"episode-{episode.id}": episode_fields(episode) for episode in night.episodes}
    day = day_fields(night.tags, night.note, tags)
    if error and form:
        (day if error.form_id == "day" else rated[error.form_id]).update(form)
    hours = pack.morning.clock.hours
    live = _under_way(context)
    return render(
        request,
        "night.html",
        422 if error else 200,
        night=night,
        summary=summary,
        last=date == yesterday,
        waiting=context.count_waiting() if date == yesterday else 0,
        has_earlier=bool(period and period[0] < date),
        last_night=yesterday,
        one_day=ONE_DAY,
        headline=headline(summary, pack),
        flagged=lines[: len(summary.flags)],
        story=lines[len(summary.flags) :],
        language=pack.language,
        chart=charts.timeline(summary, night),
        moments=charts.moments(summary, night),
        tip=_tip(night, context) if date == yesterday else None,
        live=live,
        alarms=_alarms(live, pack, config.safety.help_numbers) if live else [],
        seq=diary.last_seq(),
        rated=rated,
        tags=tags,
        day=day,
        wrong=error,
        pack=pack,
        clock=partial(formatting.clock, hours=hours),
        full_hour=partial(formatting.full_hour, hours=hours),
    )


def _under_way(context: Context) -> Episode | None:
    episode = context.diary.unfinished()
    return episode if episode and context.now() - episode.onset < MAX_UNDER_WAY else None


def _tip(night: Night, context: Context) -> Tip | None:
    """Return the tip of the day; None after a night with a danger sign, from which a tip would distract."""
    if night.flags:
        return None
    return tip_for(context.pack.tips, context.now().date(), "morning", context.config.profile.conditions)


def _alarms(live: Episode, pack: Pack, numbers: HelpNumbers) -> list[NarrativeLine]:
    """Return the advice on each danger sign of the cramp under way."""
    known = {flag.flag: pack.triage.flags[flag.flag] for flag in live.flags if flag.flag in pack.triage.flags}
    calls = pack.phrases.routes.placeholders(numbers)
    return [NarrativeLine(flag.say[0].format(**calls), flag.claim) for flag in known.values()]


def _address(request: Request, night: date) -> str:
    return "/" if night == context_of(request).last_night() else f"/nights/{night}"

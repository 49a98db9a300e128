"""One night: told, drawn, and filled in. The first page shows the last one, and the cramp that is under way."""

from datetime import date, timedelta
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from nightvoice.content.schema import Pack
from nightvoice.content.tips import Tip, tip_for
from nightvoice.diary.episode import Episode
from nightvoice.diary.night import Night
from nightvoice.insight.narrative import NarrativeLine, tell
from nightvoice.insight.night import last_night, summarize
from nightvoice.web import charts, words
from nightvoice.web.context import Context, of, saved, show
from nightvoice.web.kit.forms import Typed
from nightvoice.web.pages.fields import Wrong, date_of, episode_of, filled, filled_day, note, ratings, tags

ONE_DAY = timedelta(days=1)
UNDER_WAY = timedelta(hours=1)
"""An episode that began longer ago and has no end was cut off."""


def last(request: Request) -> Response:
    """``/``"""
    return _night(request, last_night(of(request).now()))


def night(request: Request) -> Response:
    """``/nights/DATE``"""
    day = date_of(request)
    if day == last_night(of(request).now()):
        return RedirectResponse("/", 303)
    return _night(request, day)


def save_day(request: Request, typed: Typed) -> Response:
    """Tags of the day before, and the note."""
    day = date_of(request)
    try:
        write_day(request, day, typed)
    except Wrong as wrong:
        return _night(request, day, wrong, typed)
    return saved(request, f"{_address(request, day)}#day", "saved")


def write_day(request: Request, day: date, typed: Typed) -> None:
    """Write what is new in the form of ``day_before.html``. Raises Wrong."""
    text = note(typed, "day", "note")
    diary = of(request).diary
    before = diary.night(day)
    changed = {name: said for name, said in tags(typed).items() if said != before.tags.get(name)}
    if changed:
        diary.tag(day, changed)
    if text != before.note:
        diary.note(day, text)


def rate(request: Request, typed: Typed) -> Response:
    """How bad a cramp was, how sore it is, how much sleep it cost."""
    episode = episode_of(request)
    form = f"episode-{episode.id}"
    try:
        fields = ratings(typed, form)
    except Wrong as wrong:
        return _night(request, episode.night, wrong, typed)
    if fields:
        of(request).diary.edit_episode(episode.id, **fields)
    return saved(request, f"{_address(request, episode.night)}#{form}", "saved")


def _night(request: Request, day: date, wrong: Wrong | None = None, typed: Typed | None = None) -> Response:
    context = of(request)
    config, pack, diary = context.config, context.pack, context.diary
    yesterday = last_night(context.now())
    if not date.min + ONE_DAY < day <= yesterday + ONE_DAY:
        raise HTTPException(404)
    found = diary.night(day)
    summary = summarize(found)
    _, *lines = tell(summary, pack, config.safety.emergency_number, day != yesterday)
    asked = context.tags
    rated = {f"episode-{episode.id}": filled(episode) for episode in found.episodes}
    day_before = filled_day(found.tags, found.note, asked)
    if wrong and typed:
        (day_before if wrong.form == "day" else rated[wrong.form]).update(typed)
    hours = pack.morning.clock.hours
    live = _under_way(context)
    return show(
        request,
        "night.html",
        422 if wrong else 200,
        night=found,
        summary=summary,
        last=day == yesterday,
        last_night=yesterday,
        one_day=ONE_DAY,
        flagged=lines[: len(summary.flags)],
        told=lines[len(summary.flags) :],
        language=pack.language,
        chart=charts.timeline(summary, found),
        moments=charts.moments(summary, found),
        tip=_tip(found, context) if day == yesterday else None,
        live=live,
        alarms=_alarms(live, pack, config.safety.emergency_number) if live else [],
        seq=diary.last_seq(),
        rated=rated,
        tags=asked,
        day=day_before,
        wrong=wrong,
        pack=pack,
        clock=partial(words.clock, hours=hours),
        hour_mark=partial(words.hour_mark, hours=hours),
    )


def _under_way(context: Context) -> Episode | None:
    episode = context.diary.unfinished()
    return episode if episode and context.now() - episode.onset < UNDER_WAY else None


def _tip(night: Night, context: Context) -> Tip | None:
    """The tip of the day; none after a night with a danger sign, which comes first."""
    if night.flags:
        return None
    return tip_for(context.pack.tips, context.now().date(), "morning", context.config.profile.conditions)


def _alarms(live: Episode, pack: Pack, emergency: str) -> list[NarrativeLine]:
    """What was said about each danger sign of the cramp that is under way."""
    known = {flag.flag: pack.triage.flags[flag.flag] for flag in live.flags if flag.flag in pack.triage.flags}
    return [NarrativeLine(flag.say[0].format(emergency=emergency), flag.claim) for flag in known.values()]


def _address(request: Request, day: date) -> str:
    return "/" if day == last_night(of(request).now()) else f"/nights/{day}"

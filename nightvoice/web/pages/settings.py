"""Profile and settings pages, whose forms are generated from the configuration schema."""

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any, Final, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from starlette.requests import Request
from starlette.responses import Response

from nightvoice.config.choices import choices
from nightvoice.config.edit import change
from nightvoice.config.reader import ConfigReading, known_fields, read_config
from nightvoice.config.schema import Config, Section
from nightvoice.system.strict import what_it_should_be
from nightvoice.web.context import context_of
from nightvoice.web.kit.forms import FormFields
from nightvoice.web.kit.render import redirect_with_notice, render
from nightvoice.web.pages.fields import InvalidField

ABOUT_YOU: Final = ("profile", "report")
"""Sections on the profile page; all others are on the settings page."""
FIRST: Final = ("language", "safety", "daily", "voice", "audio")
"""Sections at the top of the settings page, in this order."""
TECHNICAL: Final = ("diary", "log", "models")
"""Sections that are collapsed at the end of the settings page."""
_YES_NO: Final = ("true", "false")
_PLACES: Final = frozenset({"url", "host", "database"})
"""Last parts of keys that say where data goes, as paths and secrets do: the page must not lead the diary elsewhere."""


@dataclass(frozen=True, slots=True)
class SettingField:
    """The form field of one configuration key."""

    key: str
    label: str
    kind: str
    """``yesno``, ``choice``, ``number``, ``time`` or ``text``."""
    value: str
    """Current value; empty if the key is not set."""
    choices: tuple[str, ...] = ()
    may_be_empty: bool = False
    least: str = ""
    most: str = ""
    step: str = "any"
    set_by: str | None = None
    """What sets the key instead of the page, if anything: an environment variable, or the file for places."""


@dataclass(frozen=True, slots=True)
class SettingGroup:
    """The form fields of one section of the configuration."""

    name: str
    title: str
    fields: tuple[SettingField, ...]
    technical: bool = False


def show_profile(request: Request) -> Response:
    """``/profile``"""
    return _show_form(request, "profile.html", True)


def save_profile(request: Request, form: FormFields) -> Response:
    return _save(request, "profile.html", True, form)


def show_settings(request: Request) -> Response:
    """``/settings``"""
    return _show_form(request, "settings.html", False)


def save_settings(request: Request, form: FormFields) -> Response:
    return _save(request, "settings.html", False, form)


def _show_form(
    request: Request,
    template: str,
    about_you: bool,
    error: InvalidField | None = None,
    form: FormFields | None = None,
) -> Response:
    reading = read_config()
    reading.check()
    groups = _groups(reading, about_you, form or {})
    return render(request, template, 422 if error else 200, groups=groups, wrong=error)


def _save(request: Request, template: str, about_you: bool, form: FormFields) -> Response:
    reading = read_config()
    reading.check()
    shown = {field.key: field for group in _groups(reading, about_you, {}) for field in group.fields}
    new = {key: value.strip() for key, value in form.items() if key in shown and not shown[key].set_by}
    changes = {key: value or None for key, value in new.items() if value != shown[key].value}
    try:
        _check(changes)
    except InvalidField as error:
        return _show_form(request, template, about_you, error, form)
    if changes:
        change(changes)
        context = context_of(request)
        context.diary.end_nights_at(context.config.daily.night_ends)
    return redirect_with_notice(request, request.url.path, "saved")


def _check(changes: Mapping[str, str | None]) -> None:
    """Raise InvalidField for the first value that the configuration rejects."""
    tree: dict[str, Any] = {}
    for key, value in changes.items():
        section, dot, name = key.rpartition(".")
        if value is not None:
            (tree.setdefault(section, {}) if dot else tree)[name] = value
    try:
        Config.model_validate(tree)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        label = _label(key, known_fields()[key])
        message = what_it_should_be(first)
        fits = "that does not fit" if first["type"] == "string_pattern_mismatch" else message
        raise InvalidField("config", key, f"{label}: {fits}.") from None


def _groups(reading: ConfigReading, about_you: bool, form: FormFields) -> list[SettingGroup]:
    groups: list[SettingGroup] = []
    for name, value in reading.config:
        if (name in ABOUT_YOU) is not about_you:
            continue
        if isinstance(value, Section):
            title = (value.__doc__ or "").splitlines()[0]
            keys = [f"{name}.{key}" for key in type(value).model_fields]
        else:
            title, keys = "", [name]
        groups.append(SettingGroup(name, title, tuple(_fields(reading, keys, form)), name in TECHNICAL))
    order = [*FIRST, *(group.name for group in groups if group.name not in FIRST)]
    return sorted(groups, key=lambda group: (group.technical, order.index(group.name)))


def _fields(reading: ConfigReading, keys: Sequence[str], form: FormFields) -> Iterator[SettingField]:
    known = known_fields()
    for key in keys:
        setting = reading.settings.get(key)
        value: Any = reading.config
        for part in key.split("."):
            value = getattr(value, part)
        shown = _text(value)
        elsewhere = "the file config.yaml only" if _is_place(key, known[key]) else None
        if setting and setting.where.startswith("NIGHTVOICE_"):
            elsewhere = setting.where
        yield _field(key, known[key], shown if elsewhere else form.get(key, shown), elsewhere)


def _is_place(key: str, info: FieldInfo) -> bool:
    """Return whether a key says where data comes from or goes to."""
    return key.rpartition(".")[2] in _PLACES or not {Path, SecretStr}.isdisjoint(_member_types(info.annotation))


def _field(key: str, info: FieldInfo, value: str, set_by: str | None) -> SettingField:
    label = _label(key, info)
    accepted = _member_types(info.annotation)
    empty = type(None) in accepted
    offered = choices(info)
    if bool in accepted:
        return SettingField(key, label, "yesno", value, _YES_NO, empty, set_by=set_by)
    if offered:
        return SettingField(key, label, "choice", value, offered, empty, set_by=set_by)
    if time in accepted:
        return SettingField(key, label, "time", value, may_be_empty=empty, set_by=set_by)
    if str in accepted or not {int, float} & set(accepted):
        return SettingField(key, label, "text", value, may_be_empty=empty, set_by=set_by)
    least = next((str(limit.ge) for limit in info.metadata if isinstance(limit, Ge)), "")
    most = next((str(limit.le) for limit in info.metadata if isinstance(limit, Le)), "")
    step = "1" if int in accepted else "any"
    return SettingField(key, label, "number", value, (), empty, least, most, step, set_by)


def _label(key: str, info: FieldInfo) -> str:
    return (info.description or key).removesuffix(".").removesuffix(" yes or no")


def _text(value: Any) -> str:
    """Return ``value`` as written in the configuration file."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _member_types(annotation: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type itself."""
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(get_args(annotation))
    return (annotation,)

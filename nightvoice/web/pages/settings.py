"""The configuration as forms: about you, and the settings. Keys, limits and descriptions are those of ``config``."""

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any, Final, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from starlette.requests import Request
from starlette.responses import Response

from nightvoice.config.choices import choices
from nightvoice.config.edit import change
from nightvoice.config.reader import ConfigReading, known_fields, read_config
from nightvoice.config.schema import Config, Section
from nightvoice.web.context import saved, show
from nightvoice.web.kit.forms import Typed
from nightvoice.web.pages.fields import Wrong

ABOUT_YOU: Final = ("profile", "report")
"""Sections about the person; the others are settings."""
FIRST: Final = ("language", "safety", "daily", "voice", "audio")
"""Shown before the others,"""
TECHNICAL: Final = ("diary", "log", "models")
"""and these only to who asks for them."""
_YES_NO: Final = ("true", "false")


@dataclass(frozen=True, slots=True)
class Field:
    """One key."""

    key: str
    label: str
    kind: str
    """``yesno``, ``choice``, ``number``, ``time`` or ``text``."""
    value: str
    """Empty: not set."""
    choices: tuple[str, ...] = ()
    may_be_empty: bool = False
    least: str = ""
    most: str = ""
    step: str = "any"
    set_by: str | None = None
    """The environment variable that overrides it."""


@dataclass(frozen=True, slots=True)
class Group:
    """One section."""

    name: str
    title: str
    fields: tuple[Field, ...]
    technical: bool = False


def about_you(request: Request) -> Response:
    """``/profile``"""
    return _form(request, "profile.html", True)


def save_about_you(request: Request, typed: Typed) -> Response:
    return _save(request, "profile.html", True, typed)


def settings(request: Request) -> Response:
    """``/settings``"""
    return _form(request, "settings.html", False)


def save_settings(request: Request, typed: Typed) -> Response:
    return _save(request, "settings.html", False, typed)


def _form(
    request: Request, template: str, person: bool, wrong: Wrong | None = None, typed: Typed | None = None
) -> Response:
    reading = read_config()
    reading.check()
    groups = _groups(reading, person, typed or {})
    return show(request, template, 422 if wrong else 200, groups=groups, wrong=wrong)


def _save(request: Request, template: str, person: bool, typed: Typed) -> Response:
    reading = read_config()
    reading.check()
    shown = {field.key: field for group in _groups(reading, person, {}) for field in group.fields}
    new = {key: value.strip() for key, value in typed.items() if key in shown and not shown[key].set_by}
    changes = {key: value or None for key, value in new.items() if value != shown[key].value}
    try:
        _check(changes)
    except Wrong as wrong:
        return _form(request, template, person, wrong, typed)
    if changes:
        change(changes)
    return saved(request, request.url.path, "saved")


def _check(changes: Mapping[str, str | None]) -> None:
    """Raise Wrong for the first value that the configuration would refuse."""
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
        message = first["msg"].removeprefix("Input ").split(", unable")[0]
        fits = "that does not fit" if first["type"] == "string_pattern_mismatch" else message
        raise Wrong("config", key, f"{label}: {fits}.") from None


def _groups(reading: ConfigReading, person: bool, typed: Typed) -> list[Group]:
    groups: list[Group] = []
    for name, value in reading.config:
        if (name in ABOUT_YOU) is not person:
            continue
        if isinstance(value, Section):
            title = (value.__doc__ or "").splitlines()[0]
            keys = [f"{name}.{key}" for key in type(value).model_fields]
        else:
            title, keys = "", [name]
        groups.append(Group(name, title, tuple(_fields(reading, keys, typed)), name in TECHNICAL))
    order = [*FIRST, *(group.name for group in groups if group.name not in FIRST)]
    return sorted(groups, key=lambda group: (group.technical, order.index(group.name)))


def _fields(reading: ConfigReading, keys: Sequence[str], typed: Typed) -> Iterator[Field]:
    known = known_fields()
    for key in keys:
        setting = reading.settings.get(key)
        value: Any = reading.config
        for part in key.split("."):
            value = getattr(value, part)
        shown = _text(value)
        env = setting.where if setting and setting.where.startswith("NIGHTVOICE_") else None
        yield _field(key, known[key], typed.get(key, shown), env)


def _field(key: str, info: FieldInfo, value: str, set_by: str | None) -> Field:
    label = _label(key, info)
    kinds = _kinds(info.annotation)
    empty = type(None) in kinds
    offered = choices(info)
    if bool in kinds:
        return Field(key, label, "yesno", value, _YES_NO, empty, set_by=set_by)
    if offered:
        return Field(key, label, "choice", value, offered, empty, set_by=set_by)
    if time in kinds:
        return Field(key, label, "time", value, may_be_empty=empty, set_by=set_by)
    if str in kinds or not {int, float} & set(kinds):
        return Field(key, label, "text", value, may_be_empty=empty, set_by=set_by)
    least = next((str(limit.ge) for limit in info.metadata if isinstance(limit, Ge)), "")
    most = next((str(limit.le) for limit in info.metadata if isinstance(limit, Le)), "")
    step = "1" if int in kinds else "any"
    return Field(key, label, "number", value, (), empty, least, most, step, set_by)


def _label(key: str, info: FieldInfo) -> str:
    return (info.description or key).removesuffix(".").removesuffix(" yes or no")


def _text(value: Any) -> str:
    """A value as the file would have it."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _kinds(annotation: Any) -> tuple[Any, ...]:
    """What a value may be: the parts of a union, or the one type."""
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(get_args(annotation))
    return (annotation,)

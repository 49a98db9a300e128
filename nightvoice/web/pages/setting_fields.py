"""Builds the form fields of the configuration: their words are in settings.yaml, their limits in the schema."""

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any, Final, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from nightvoice.audio.devices.spec import Device
from nightvoice.config.choices import choices
from nightvoice.config.reader import ConfigReading, known_fields
from nightvoice.content.countries import country_names, country_of_clock
from nightvoice.content.settings import SettingGroupWords, SettingsPage, SettingWords, load_setting_words
from nightvoice.web.kit.forms import FormFields

_PLACES: Final = frozenset({"url", "host", "database"})
"""Last parts of keys that say where data goes, as paths and secrets do: the page must not lead the diary elsewhere."""
_DEVICES: Final = {"audio.input_device": "input", "audio.output_device": "output"}
_UNANSWERED: Final = "profile"
"""Section whose keys are unanswered, not "no", until the person sets them."""
_DERIVED: Final = frozenset({"safety.emergency_number"})
"""Keys whose default follows from others; it is shown behind the empty field."""

Choices = tuple[tuple[str, str], ...]
"""Value and name of each choice."""


@dataclass(frozen=True, slots=True)
class SettingField:
    """The form field of one configuration key."""

    key: str
    words: SettingWords
    kind: str
    """``yesno``, ``choice``, ``slider``, ``number``, ``time`` or ``text``."""
    value: str
    """Current value; empty if the key is not set."""
    choices: Choices = ()
    may_be_empty: bool = False
    least: str = ""
    most: str = ""
    step: str = "any"
    default: str = ""
    """What an empty field stands for, if that can be said."""
    set_by: str | None = None
    """What sets the key instead of the page, if anything: an environment variable, or the file for places."""
    wrong: str = ""
    """What is wrong with the value."""

    @property
    def id(self) -> str:
        return self.key.replace(".", "-")


@dataclass(frozen=True, slots=True)
class SettingGroup:
    """Form fields that are shown together."""

    words: SettingGroupWords
    fields: tuple[SettingField, ...]

    @property
    def is_open(self) -> bool:
        """Whether it is shown unfolded."""
        return not self.words.folded or any(field.wrong for field in self.fields)


def setting_groups(
    reading: ConfigReading,
    page: SettingsPage,
    form: FormFields,
    wrong: Mapping[str, str],
    devices: Callable[[], Sequence[Device]],
) -> list[SettingGroup]:
    """Return the groups of ``page``, with the values of ``form`` and else of ``reading``.

    ``wrong``: what is wrong with the form, by key. ``devices``: lists the sound devices; only the page "sound" asks.
    """
    connected = devices() if page == "sound" else ()
    return [
        SettingGroup(group, tuple(_fields(reading, group, form, wrong, connected)))
        for group in load_setting_words().groups
        if group.page == page
    ]


def _fields(
    reading: ConfigReading,
    group: SettingGroupWords,
    form: FormFields,
    wrong: Mapping[str, str],
    devices: Sequence[Device],
) -> Iterator[SettingField]:
    known = known_fields()
    for key, words in group.fields.items():
        setting = reading.settings.get(key)
        value: Any = reading.config
        for part in key.split("."):
            value = getattr(value, part)
        is_unset = setting is None and (key.startswith(f"{_UNANSWERED}.") or key in _DERIVED)
        shown = "" if is_unset else _text(value)
        elsewhere = "the file config.yaml only" if _is_place(key, known[key]) else None
        if setting and setting.where.startswith("NIGHTVOICE_"):
            elsewhere = setting.where
        entered = shown if elsewhere else form.get(key, shown)
        about = {"default": _text(value) if is_unset else "", "set_by": elsewhere, "wrong": wrong.get(key, "")}
        yield _field(key, words, known[key], entered, devices, about)


def _field(
    key: str, words: SettingWords, info: FieldInfo, value: str, devices: Sequence[Device], about: dict[str, Any]
) -> SettingField:
    accepted = _member_types(info.annotation)
    empty = type(None) in accepted or key.startswith(f"{_UNANSWERED}.")
    if bool in accepted:
        return SettingField(key, words, "yesno", value, (), empty, **about)
    if offered := _choices(key, words, info, value, devices):
        return SettingField(key, words, "choice", value, offered, empty, **about)
    if time in accepted:
        return SettingField(key, words, "time", value, may_be_empty=empty, **about)
    if str in accepted or not {int, float} & set(accepted):
        return SettingField(key, words, "text", value, may_be_empty=empty, **about)
    least = next((str(limit.ge) for limit in info.metadata if isinstance(limit, Ge)), "")
    most = next((str(limit.le) for limit in info.metadata if isinstance(limit, Le)), "")
    kind, step = "slider" if words.slider else "number", "1" if int in accepted else "0.01"
    return SettingField(key, words, kind, value, (), empty, least, most, step, **about)


def _choices(key: str, words: SettingWords, info: FieldInfo, value: str, devices: Sequence[Device]) -> Choices:
    """Return what can be chosen for ``key``, with the present ``value`` even if it is none of that; empty for text."""
    offered: dict[str, str] = {}
    if key in _DEVICES:
        kind = _DEVICES[key]
        offered = {device.name: device.name for device in devices if (device.inputs, device.outputs)[kind == "output"]}
        offered = {"": words.empty} | offered
    elif key == "safety.country" and (names := country_names()):
        there = names.get(country_of_clock() or "")
        offered = {"": f"{words.empty} ({there})" if there else words.empty} | names
    elif key != "safety.country":
        offered = dict.fromkeys(choices(info), "") | words.choices
        offered = {name: label or name for name, label in offered.items() if not choices(info) or name in choices(info)}
    if offered and value not in offered:
        offered[value] = f"{value} (not connected now)" if key in _DEVICES and not _is_part(value, offered) else value
    return tuple(offered.items())


def _is_part(value: str, names: Mapping[str, str]) -> bool:
    return value.isdecimal() or any(value.casefold() in name.casefold() for name in names)


def _is_place(key: str, info: FieldInfo) -> bool:
    """Return whether a key says where data comes from or goes to."""
    return key.rpartition(".")[2] in _PLACES or not {Path, SecretStr}.isdisjoint(_member_types(info.annotation))


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

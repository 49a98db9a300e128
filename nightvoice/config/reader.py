"""Reads the configuration: one YAML file, overridden by environment variables.

``audio.input_device`` in the file is ``NIGHTVOICE_AUDIO__INPUT_DEVICE`` in the environment. Values from both are text,
which the field's type then parses, so that ``emergency_number: 000`` stays 000 and ``language: no`` stays no. An empty
value or ``null`` means the default.
"""

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from nightvoice.config.schema import Config
from nightvoice.errors import NightvoiceError, one_line
from nightvoice.system import paths
from nightvoice.system.strict import what_it_should_be
from nightvoice.system.yaml_file import MissingFileError, compose_yaml

ENV_PREFIX = "NIGHTVOICE_"


@dataclass(frozen=True, slots=True)
class Setting:
    """A configured value as text; ``where`` is ``config.yaml line 3`` or the name of an environment variable."""

    key: str
    value: str
    where: str


@dataclass(frozen=True, slots=True)
class ConfigReading:
    """The configuration read from file and environment; with problems, ``config`` has the defaults."""

    config: Config
    settings: Mapping[str, Setting]
    """Configured values by key."""
    problems: list[str]
    """Problems found, one line each."""

    def check(self) -> None:
        """Raise NightvoiceError with the first problem, if any."""
        if self.problems:
            more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
            raise NightvoiceError(self.problems[0] + more)


def load_config(path: Path | None = None) -> Config:
    """Read the configuration; ``path``, if given, must exist. Raises NightvoiceError with the first problem."""
    reading = read_config(path)
    reading.check()
    return reading.config


def read_config(path: Path | None = None) -> ConfigReading:
    """Read file and environment, and collect all problems. Raises NightvoiceError if the file cannot be read."""
    problems: list[str] = []
    settings = {found.key: found for found in [*_from_file(path, problems), *_from_environment(problems)]}
    try:
        config = Config.model_validate(_nested(settings.values()))
    except ValidationError as error:
        for wrong in error.errors():
            setting = settings[".".join(str(part) for part in wrong["loc"])]
            if wrong["type"] == "string_pattern_mismatch":
                should = f"does not fit: {known_fields()[setting.key].description}"
            else:
                should = what_it_should_be(wrong)
            problems.append(f'{setting.where}: {setting.key} is "{setting.value}": {should}')
        config = Config()
    return ConfigReading(config, settings, [one_line(problem) for problem in problems])


def known_fields(model: type[BaseModel] = Config, above: str = "") -> dict[str, FieldInfo]:
    """Return all keys by their dotted names, in the order of the schema."""
    fields: dict[str, FieldInfo] = {}
    for name, field in model.model_fields.items():
        section = _section(field)
        fields |= known_fields(section, f"{above}{name}.") if section else {above + name: field}
    return fields


def environment_name(key: str) -> str:
    """Return the environment variable that overrides ``key``."""
    return ENV_PREFIX + key.replace(".", "__").upper()


def _from_environment(problems: list[str]) -> Iterator[Setting]:
    keys = {environment_name(key): key for key in known_fields()}
    for name in sorted(name for name in os.environ if name.startswith(ENV_PREFIX)):
        if name not in keys:
            problems.append(f"environment: unknown variable {name}{_nearest(name, keys)}")
        elif _is_set(os.environ[name]):
            yield Setting(keys[name], os.environ[name], name)


def _from_file(path: Path | None, problems: list[str]) -> Iterator[Setting]:
    file = path or paths.config_file()
    try:
        root = compose_yaml(file, file.name)
    except MissingFileError:
        if path is None:
            return
        raise
    if isinstance(root, yaml.MappingNode):
        yield from _from_mapping(root, Config, "", file.name, problems)
    elif root is not None and not (isinstance(root, yaml.ScalarNode) and not _is_set(root.value)):
        raise NightvoiceError(f"{file.name} line {root.start_mark.line + 1}: should be keys with values")


def _from_mapping(
    node: yaml.MappingNode, model: type[BaseModel], above: str, file: str, problems: list[str]
) -> Iterator[Setting]:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        name = str(key_node.value)
        key, where = above + name, f"{file} line {key_node.start_mark.line + 1}"
        field = model.model_fields.get(name)
        section = field and _section(field)
        if field is None:
            known = [*Config.model_fields, *known_fields()]
            problems.append(f'{where}: unknown key "{key}"{_nearest(key, known)}')
        elif name in seen:
            problems.append(f'{where}: "{key}" is here a second time')
        elif section and isinstance(value_node, yaml.MappingNode):
            yield from _from_mapping(value_node, section, f"{key}.", file, problems)
        elif isinstance(value_node, yaml.ScalarNode) and not _is_set(value_node.value):
            pass
        elif section:
            problems.append(f'{where}: "{key}" is a section: its keys go on the lines below, indented')
        elif isinstance(value_node, yaml.ScalarNode):
            yield Setting(key, value_node.value, where)
        else:
            problems.append(f'{where}: "{key}" should have one plain value')
        seen.add(name)


def _nested(settings: Iterable[Setting]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for setting in settings:
        *sections, name = setting.key.split(".")
        branch = tree
        for section in sections:
            branch = branch.setdefault(section, {})
        branch[name] = setting.value
    return tree


def _section(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _is_set(value: str) -> bool:
    return value not in ("", "~", "null")


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f'; did you mean "{near[0]}"?' if near else "; nightvoice config show lists all keys"

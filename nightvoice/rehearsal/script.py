"""A night of typed words: the YAML file, its schema, and its one-line errors."""

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nightvoice.content.eligibility import CONDITIONS, Condition
from nightvoice.errors import NightvoiceError
from nightvoice.system.strict import what_it_should_be
from nightvoice.system.yaml_file import compose_yaml, read_yaml


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScriptedUtterance(_Strict):
    """Words as a recogniser would return them, at a time (seconds) or after one of the assistant's prompts."""

    at: Annotated[float, Field(ge=0)] | None = None
    after: Annotated[str, Field(min_length=1)] | None = None
    """Part of a prompt, case ignored; only prompts since the previous utterance count."""
    wait: Annotated[float, Field(gt=0)] = 2.0
    """Seconds between the end of the prompt named by ``after`` and the words."""
    say: str
    sure: bool = True
    """False: heard too uncertainly to act on, as from a television."""

    @model_validator(mode="after")
    def _at_one_time(self) -> "ScriptedUtterance":
        if (self.at is None) == (self.after is None):
            raise ValueError("needs either at (seconds) or after (what was said before)")
        return self


class NightScript(_Strict):
    """A night to rehearse."""

    night: tuple[ScriptedUtterance, ...]
    until: Annotated[float, Field(gt=0)]
    """Length of the night in seconds."""
    from_: Annotated[str | None, Field(alias="from")] = None
    """Local time at which the night begins, ISO 8601."""
    profile: dict[Condition, bool] = {}

    @property
    def conditions(self) -> frozenset[str]:
        return frozenset(name for name, holds in self.profile.items() if holds)


def read_script(path: Path) -> NightScript:
    """Read a script. Raises NightvoiceError naming the file and the place of the mistake."""
    data = read_yaml(path)
    if not isinstance(data, dict):
        raise NightvoiceError(f"{path}: is no written night; it should have the keys night and until")
    if data.get("from") is not None:
        data["from"] = str(data["from"])  # YAML may have read it as a date
    try:
        return NightScript.model_validate(data)
    except ValidationError as error:
        raise NightvoiceError(_problem(path, error)) from None


def _problem(path: Path, error: ValidationError) -> str:
    """Describe the first problem: its line and key, and the nearest valid key for an unknown one."""
    first = error.errors()[0]
    loc = [part for part in first["loc"] if part != "[key]"]
    node, line = compose_yaml(path), 0
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            key, node = next(((k, v) for k, v in node.value if k.value == part), (node, None))
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    where = f"{path}{f' line {line}' if line else ''}"
    key = " ".join(f"entry {part + 1}" if isinstance(part, int) else str(part) for part in loc)
    if first["type"] == "missing":
        return f'{where if len(loc) > 1 else path}: needs the key "{loc[-1]}"'
    if first["type"] not in ("extra_forbidden", "literal_error"):
        should = what_it_should_be(first).replace("valid tuple", "list")
        return f"{where}: {key + ': ' if key else ''}{should}"
    model = ScriptedUtterance if loc[0] == "night" else NightScript
    known = CONDITIONS if loc[0] == "profile" else [field.alias or name for name, field in model.model_fields.items()]
    near = get_close_matches(str(loc[-1]), known, n=1, cutoff=0.5)
    hint = f'did you mean "{near[0]}"?' if near else f"one of {', '.join(known)}"
    return f'{where}: unknown key "{key}"; {hint}'

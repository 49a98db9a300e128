"""The pages Settings, Sound and About you, which show and change the configuration."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from nightvoice.audio.devices.spec import Device
from nightvoice.config.edit import change
from nightvoice.config.reader import read_config
from nightvoice.config.schema import Config
from nightvoice.content.settings import SettingsPage, load_setting_words
from nightvoice.errors import NightvoiceError
from nightvoice.system.strict import what_it_should_be
from nightvoice.web.context import context_of
from nightvoice.web.kit.forms import FormFields
from nightvoice.web.kit.render import redirect_with_notice, render
from nightvoice.web.pages.setting_fields import SettingField, setting_groups


def show_profile(request: Request) -> Response:
    """``/profile``"""
    return _show(request, "profile")


def save_profile(request: Request, form: FormFields) -> Response:
    return _save(request, "profile", form)


def show_settings(request: Request) -> Response:
    """``/settings``"""
    return _show(request, "settings")


def save_settings(request: Request, form: FormFields) -> Response:
    return _save(request, "settings", form)


def show_sound(request: Request) -> Response:
    """``/sound``"""
    return _show(request, "sound")


def save_sound(request: Request, form: FormFields) -> Response:
    """Save the form, or only play a sentence as it says if its button "Test" was pressed."""
    return _test_loudspeaker(request, form) if "test" in form else _save(request, "sound", form)


def _show(
    request: Request,
    page: SettingsPage,
    form: FormFields | None = None,
    wrong: Mapping[str, str] | None = None,
    tested: str = "",
) -> Response:
    reading = read_config()
    reading.check()
    problems: list[str] = []

    def devices() -> Sequence[Device]:
        try:
            return context_of(request).list_devices()
        except NightvoiceError as error:
            problems.append(str(error))
            return ()

    groups = setting_groups(reading, page, form or {}, wrong or {}, devices)
    status = 422 if wrong or tested.startswith("!") else 200
    return render(request, f"{page}.html", status, groups=groups, problems=problems, tested=tested)


def _test_loudspeaker(request: Request, form: FormFields) -> Response:
    changes = {key: form[key] for key in ("audio.output_device", "audio.night_volume") if form.get(key)}
    if wrong := _mistakes(changes):
        return _show(request, "sound", form, wrong)
    context = context_of(request)
    entered = {key.rpartition(".")[2]: value for key, value in changes.items()}
    audio = type(context.config.audio).model_validate(context.config.audio.model_dump() | entered)
    if "audio.output_device" in form and not form["audio.output_device"]:
        audio = audio.model_copy(update={"output_device": None})
    try:
        context.play_sample(context.config.model_copy(update={"audio": audio}))
    except NightvoiceError as error:
        return _show(request, "sound", form, tested=f"! {error}")
    return _show(request, "sound", form, tested="Did you hear a sentence? If not, choose another loudspeaker.")


def _save(request: Request, page: SettingsPage, form: FormFields) -> Response:
    reading = read_config()
    reading.check()
    groups = setting_groups(reading, page, {}, {}, tuple)
    shown = {field.key: field for group in groups for field in group.fields}
    new = {key: value.strip() for key, value in form.items() if key in shown and not shown[key].set_by}
    changes = {key: value or None for key, value in new.items() if _differs(value, shown[key])}
    if wrong := _mistakes(changes):
        return _show(request, page, form, wrong)
    if changes:
        change(changes)
        context = context_of(request)
        context.diary.end_nights_at(context.config.daily.night_ends)
    return redirect_with_notice(request, request.url.path, "saved")


def _differs(value: str, field: SettingField) -> bool:
    if field.kind != "slider":
        return value != field.value
    try:
        return float(value) != float(field.value)
    except ValueError:
        return True


def _mistakes(changes: Mapping[str, str | None]) -> dict[str, str]:
    """Return in plain words, by key, what the configuration rejects."""
    tree: dict[str, Any] = {}
    for key, value in changes.items():
        section, dot, name = key.rpartition(".")
        if value is not None:
            (tree.setdefault(section, {}) if dot else tree)[name] = value
    try:
        Config.model_validate(tree)
    except ValidationError as error:
        found = {".".join(str(part) for part in wrong["loc"]): wrong for wrong in reversed(error.errors())}
        words = {key: field.wrong for group in load_setting_words().groups for key, field in group.fields.items()}
        return {key: words.get(key) or f"It {what_it_should_be(wrong)}." for key, wrong in found.items()}
    return {}

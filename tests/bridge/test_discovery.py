"""The discovery message against Home Assistant's schema."""

import json
import os
import subprocess
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from jinja2 import Environment
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from nightvoice.bridge.discovery import discovery
from nightvoice.bridge.messages import MOMENTS, Topics
from nightvoice.content.home import load_home
from nightvoice.system.control_socket import BUTTONS

Text = Annotated[str, StringConstraints(min_length=1)]
Topic = Annotated[str, StringConstraints(pattern=r"^[^+#]+$")]


class Part(BaseModel):
    """Transcribed from https://www.home-assistant.io/integrations/mqtt/ (device discovery, and each platform's page),
    only as far as we use it; any other key is an error."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Availability(Part):
    topic: Topic
    payload_available: Text = "online"
    payload_not_available: Text = "offline"


class Entity(Part):
    name: Text
    unique_id: Text
    qos: Literal[0, 1, 2]
    icon: Annotated[str, StringConstraints(pattern=r"^mdi:[a-z-]+$")] | None = None
    availability: list[Availability] = []
    availability_mode: Literal["all", "any", "latest"] = "latest"
    entity_category: Literal["config", "diagnostic"] | None = None


class BinarySensor(Entity):
    platform: Literal["binary_sensor"]
    state_topic: Topic
    value_template: Text | None = None
    json_attributes_topic: Topic | None = None
    payload_on: Text = "ON"
    payload_off: Text = "OFF"
    device_class: Literal["running", "connectivity", "problem"] | None = None


class Sensor(Entity):
    platform: Literal["sensor"]
    state_topic: Topic
    value_template: Text | None = None
    json_attributes_topic: Topic | None = None


class Event(Entity):
    platform: Literal["event"]
    state_topic: Topic
    event_types: Annotated[list[Text], Field(min_length=1)]


class Button(Entity):
    platform: Literal["button"]
    command_topic: Topic
    payload_press: Text


class Device(Part):
    identifiers: Annotated[list[Text], Field(min_length=1)]
    name: Text
    manufacturer: Text
    model: Text
    sw_version: Text


class Origin(Part):
    name: Text
    sw_version: Text


class DeviceDiscovery(Part):
    device: Device
    origin: Origin
    availability: list[Availability]
    components: dict[str, Annotated[BinarySensor | Sensor | Event | Button, Field(discriminator="platform")]]


def payload(language: str) -> Any:
    message = discovery("bed_1", Topics("nightvoice/bed_1"), load_home(language), "homeassistant")
    assert message.topic == "homeassistant/device/nightvoice_bed_1/config"
    assert message.retain
    return json.loads(message.payload)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_device_fits_the_documented_schema(language: str) -> None:
    device = DeviceDiscovery.model_validate(payload(language))
    buttons = [entity for entity in device.components.values() if isinstance(entity, Button)]
    assert [button.payload_press for button in buttons] == [button.value for button in BUTTONS]
    assert device.components["moment"].model_dump()["event_types"] == list(MOMENTS)
    ids = [entity.unique_id for entity in device.components.values()]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("language", ["en", "de"])
def test_home_assistant_itself_accepts_the_device(language: str) -> None:
    python = os.environ.get("HOME_ASSISTANT_PYTHON")
    if python is None:
        pytest.skip("no Home Assistant here: ./scripts/test without arguments installs it")
    script = Path(__file__).with_name("home_assistant.py")
    asked = json.dumps(payload(language))
    result = subprocess.run([python, script], input=asked, capture_output=True, text=True, check=False)
    assert result.stdout == "valid\n", result.stderr


def test_a_night_nobody_listened_to_has_no_number_of_cramps() -> None:
    template = Environment().from_string(payload("en")["components"]["night"]["value_template"])
    shown = {
        (cramps, coverage): template.render(value_json={"cramps": cramps, "coverage": coverage})
        for cramps, coverage in ((0, "none"), (1, "none"), (0, "part"), (2, "whole"))
    }
    assert shown == {(0, "none"): "None", (1, "none"): "1", (0, "part"): "0", (2, "whole"): "2"}, "None: unknown"

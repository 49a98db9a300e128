"""The discovery message, which makes Home Assistant set up the bed as a device with its entities.

It is one retained message for the whole device: https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload
"""

import json
from typing import Any

from nightvoice import __version__
from nightvoice.bridge.messages import MOMENTS, Message, Topics
from nightvoice.content.home import HomeWords
from nightvoice.system.control_socket import BUTTONS, Order

ICONS = {
    Order.START_GUIDANCE: "mdi:account-voice",
    Order.GOOD_NIGHT: "mdi:weather-night",
    Order.MUTE: "mdi:volume-off",
}


def discovery(bed: str, topics: Topics, words: HomeWords, prefix: str) -> Message:
    """Return the discovery message for ``bed``. ``prefix``: topic under which Home Assistant looks for devices."""
    id = f"nightvoice_{bed}"
    online = {"topic": topics.bridge}
    listening = {"topic": topics.ears, "payload_available": "listening", "payload_not_available": "deaf"}
    entities: dict[str, dict[str, Any]] = {
        "cramp": {
            "platform": "binary_sensor",
            "state_topic": topics.episode,
            "value_template": "{{ value_json.state }}",
            "json_attributes_topic": topics.episode,
            "availability": [online, listening],
            "availability_mode": "all",
            "icon": "mdi:leg",
        },
        "listening": {
            "platform": "binary_sensor",
            "state_topic": topics.ears,
            "payload_on": "listening",
            "payload_off": "deaf",
            "device_class": "running",
            "entity_category": "diagnostic",
        },
        "night": {
            "platform": "sensor",
            "state_topic": topics.night,
            "value_template": "{{ value_json.cramps if value_json.cramps or value_json.coverage != 'none' else None }}",
            "json_attributes_topic": topics.night,
            "icon": "mdi:weather-night",
        },
        "moment": {
            "platform": "event",
            "state_topic": topics.moment,
            "event_types": list(MOMENTS),
            "icon": "mdi:bell-ring",
        },
    }
    for button in BUTTONS:
        entities[button.value] = {
            "platform": "button",
            "command_topic": topics.order,
            "payload_press": button.value,
            "availability": [online, listening],
            "availability_mode": "all",
            "icon": ICONS[button],
        }
    names = {str(name): text for name, text in words.entities.items()}
    for name, entity in entities.items():
        entity |= {"name": names[name], "unique_id": f"{id}_{name}", "qos": 1}
    payload = {
        "device": {
            "identifiers": [id],
            "name": words.device.format(bed=bed),
            "manufacturer": "nightvoice",
            "model": "nightvoice",
            "sw_version": __version__,
        },
        "origin": {"name": "nightvoice", "sw_version": __version__},
        "availability": [online],
        "components": entities,
    }
    return Message(f"{prefix}/device/{id}/config", json.dumps(payload, ensure_ascii=False), retain=True)

"""Run by a Python that has Home Assistant: holds a device's discovery payload (stdin) against its own schemas.

./scripts/test without arguments makes an environment for it; HOME_ASSISTANT_PYTHON names its Python.
Before 2024.11 Home Assistant knew components one by one only; a device's are the same with what they share added.
"""

import importlib
import json
import sys

from homeassistant.components.mqtt import mixins

payload = json.load(sys.stdin)
shared = {key: payload[key] for key in ("device", "origin", "availability")}
for name, component in payload["components"].items():
    platform = importlib.import_module(f"homeassistant.components.mqtt.{component.pop('platform')}")
    known = platform.DISCOVERY_SCHEMA({**shared, **component})
    # Discovery drops what it does not know: nothing may be lost.
    lost = {**shared, **component}.keys() - known.keys()
    assert not lost, f"{name}: Home Assistant does not know {lost}"
try:
    from homeassistant.components.mqtt.schemas import DEVICE_DISCOVERY_SCHEMA
except ImportError:
    assert mixins.MQTT_ENTITY_DEVICE_INFO_SCHEMA(payload["device"])
else:
    DEVICE_DISCOVERY_SCHEMA(json.loads(json.dumps(payload)))
print("valid")

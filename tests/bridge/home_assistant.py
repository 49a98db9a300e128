"""Check a device's discovery payload (stdin) against the schemas of Home Assistant, in a Python that has it.

./scripts/test without arguments makes the environment; HOME_ASSISTANT_PYTHON names its Python. Home Assistant before
2024.11 knows single components only; each is the part of the device plus what the parts share.
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
    # The schema drops keys that it does not know; none may be dropped.
    lost = {**shared, **component}.keys() - known.keys()
    assert not lost, f"{name}: Home Assistant does not know {lost}"
try:
    from homeassistant.components.mqtt.schemas import DEVICE_DISCOVERY_SCHEMA
except ImportError:
    assert mixins.MQTT_ENTITY_DEVICE_INFO_SCHEMA(payload["device"])
else:
    DEVICE_DISCOVERY_SCHEMA(json.loads(json.dumps(payload)))
print("valid")

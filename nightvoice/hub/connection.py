"""Creates MQTT 5 clients."""

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from nightvoice.bridge.settings import Broker


def make_client(broker: Broker, name: str, manual_ack: bool = False) -> paho.Client:
    """Return an unconnected client. With ``manual_ack``, messages must be acknowledged explicitly."""
    client = paho.Client(
        CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTProtocolVersion.MQTTv5, manual_ack=manual_ack
    )
    client.username_pw_set(broker.username, broker.password)
    if broker.tls is not None:
        client.tls_set_context(broker.tls)
    return client

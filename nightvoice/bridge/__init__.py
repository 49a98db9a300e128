"""Follows the diary's event log to the home: MQTT, Home Assistant, and messages to the contact."""

"""The hub stores the MQTT messages of many beds in PostgreSQL and serves the ward page (extra ``hub``)."""

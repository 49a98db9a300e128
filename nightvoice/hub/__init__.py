"""Many beds: their bridges' messages from an MQTT 5 broker into PostgreSQL, and a page for the ward."""

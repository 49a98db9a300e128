"""One night: its settings, the events it reports, its log, and the recorder that writes them."""

"""One night: what it is told, what it reports, and what is written of it."""

"""The dialogue, free of I/O: events in, actions out."""

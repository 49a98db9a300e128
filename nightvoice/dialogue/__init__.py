"""The pure middle: events in, actions out."""

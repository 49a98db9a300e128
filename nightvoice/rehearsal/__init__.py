"""Rehearsing a night from typed words: faster than real time, without sound."""

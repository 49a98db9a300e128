"""Scores, 0..1, as log odds, and back."""

from math import exp, log


def log_odds(score: float) -> float:
    """Return the log odds of a score, 0..1, at most 9.2 either way."""
    score = min(max(score, 1e-4), 1 - 1e-4)
    return log(score / (1 - score))


def score_of(evidence: float) -> float:
    """Return the score, 0..1, of evidence in log odds, which may be infinite."""
    return 1 / (1 + exp(-min(max(evidence, -50.0), 50.0)))

"""Eligibility: conditions of a person's profile, and content that they rule in or out."""

from typing import Literal, get_args

from nightvoice.system.strict import Strict

Condition = Literal[
    "fall_risk",
    "limited_mobility",
    "pregnant",
    "blood_thinners",
    "diabetes",
    "arterial_disease",
    "kidney_disease",
    "heart_disease",
    "neuropathy",
    "helper",
]
"""The conditions a profile can hold. ``helper``: somebody is there at night to help."""
CONDITIONS: tuple[Condition, ...] = get_args(Condition)


class Restricted(Strict):
    """Content that does not suit everybody."""

    not_with: tuple[Condition, ...] = ()
    """Any of these conditions rules it out."""
    only_with: tuple[Condition, ...] = ()
    """At least one of these conditions is required, unless empty."""

    def allowed_for(self, profile: frozenset[str]) -> bool:
        """Whether it suits a person with these conditions."""
        return not profile.intersection(self.not_with) and (
            not self.only_with or bool(profile.intersection(self.only_with))
        )

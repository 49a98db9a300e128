"""Who may hear what: conditions of a person's profile, and content that they rule in or out."""

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
"""What a profile can say; ``helper``: somebody is at hand at night who can lend a hand."""
CONDITIONS: tuple[Condition, ...] = get_args(Condition)


class Restricted(Strict):
    """Content that is not for everybody."""

    not_with: tuple[Condition, ...] = ()
    """Any of these rules it out."""
    only_with: tuple[Condition, ...] = ()
    """One of these is needed."""

    def allowed_for(self, profile: frozenset[str]) -> bool:
        """Whether somebody with these conditions may hear it."""
        return not profile.intersection(self.not_with) and (
            not self.only_with or bool(profile.intersection(self.only_with))
        )

"""Schema of report.yaml: the words of the clinician's page."""

from typing import Annotated, Literal

from pydantic import Field

from nightvoice.content.counted import Counted
from nightvoice.system.strict import Strict


class ReportQuestion(Strict):
    """A question that the clinician may want to ask."""

    name: str
    ask: str
    why: str
    claim: str
    answered_by: Literal["urge_to_move", "pain_on_walking", "numbness", "swelling", "medicines"]
    """The key in section ``report`` of the configuration that holds the person's answer."""
    flags: tuple[str, ...] = ()
    """Danger signs at night that bear on the question."""


class Figures(Strict):
    """The figures at the top and the line below each."""

    observed: str
    observed_of: str
    cramp_nights: str
    cramp_nights_of: str
    a_week: str
    a_week_of: str
    minutes: str
    severity: str
    sleep_lost: str
    of_known: str
    unknown: str


class Legend(Strict):
    """Legend of the chart of nights."""

    cramp: str
    free: str
    partly: str
    partly_cramp: str
    unheard: str
    share: str


class Headings(Strict):
    """Headings of the sections."""

    nights: str
    where: str
    course: str
    signs: str
    questions: str
    stated: str
    patterns: str
    missing: str
    method: str


class CourseWords(Strict):
    """The lines of "course and relief"."""

    awake: str
    onset: str
    over_ten: str
    soreness: str
    eased: str
    eased_of: str
    eased_none: str
    outcome: str
    outcomes: dict[str, str]


class Stated(Strict):
    """Statements by the person."""

    conditions: str
    conditions_ask: str
    none: str
    affirmed: str
    denied: str
    unanswered: str
    told: str
    """A danger sign that was reported at night."""


class Absent(Strict):
    """Sentences about missing data."""

    nights: str
    all_heard: str
    elsewhere: str
    told_later: str
    open_end: str
    unrated: str
    no_record: str


class PatternLines(Strict):
    """Patterns, one line each."""

    more: str
    less: str
    alike: str
    unclear: str
    nothing: str
    not_enough: str
    before_after: str


class ReportWords(Strict):
    """report.yaml."""

    title: str
    subtitle: str
    period: str
    nights: Counted
    made: str
    back: str
    person: str
    born: str
    figures: Figures
    legend: Legend
    headings: Headings
    months: Annotated[tuple[str, ...], Field(min_length=12, max_length=12)]
    sites: dict[str, str]
    site_unknown: str
    sides: dict[str, str]
    total: str
    course: CourseWords
    flags: dict[str, str]
    """Words by the flags of triage.yaml."""
    no_cramps: str
    no_signs: str
    more_signs: str
    questions: dict[str, ReportQuestion]
    stated: Stated
    conditions: dict[str, str]
    patterns: PatternLines
    missing: Absent
    method: str
    codes: str
    footer: str

"""An observer of the night, for the rules: it knows only what was spoken and recorded.

It never looks into the guide's state, so a wrong state cannot hide a broken rule.
"""

from dataclasses import dataclass, field
from math import inf

from nightvoice.content.countries import HelpNumbers
from nightvoice.content.loader import load_pack
from nightvoice.content.schema import SITES, THIGH, UNKNOWN, Step
from nightvoice.dialogue.actions import Action, Record, Say, StopSpeaking
from nightvoice.dialogue.events import Event, Heard, Remembered, Resumed, SpeechEnded, Tick
from nightvoice.dialogue.requests import CONDITION_OF

PACK = load_pack()
CALLS = PACK.phrases.routes.placeholders(HelpNumbers().spoken())
PRESSING = frozenset(name for name, flag in PACK.triage.flags.items() if flag.action in ("emergency", "urgent"))
STEPS: dict[str, list[tuple[str, Step]]] = {}
"""For each text, the steps that speak it, with their protocol."""
for _protocol, _steps in PACK.protocols.items():
    for _step in _steps:
        for _text in (*_step.say, *_step.again):
            STEPS.setdefault(_text, []).append((_protocol, _step))
ROUTINE = frozenset(text for step in PACK.stretches for text in (*step.say, *step.again))
CLINICAL: dict[str, set[str]] = {}
"""For each text, the claims that it may rest on."""


TALK = PACK.phrases.talk


def _goes_on(text: str) -> bool:
    """Return whether ``text`` ends a pause."""
    return text in STEPS or text in PACK.phrases.counts or QUESTIONS.get(text, "resume") != "resume"


def filled(text: str) -> str:
    """Return ``text`` with the numbers to call in it."""
    return text.format(**CALLS)


def _carried(texts: tuple[str, ...], claim: str) -> None:
    for text in texts:
        CLINICAL.setdefault(filled(text), set()).add(claim)


for _steps in (*PACK.protocols.values(), PACK.stretches):
    for _step in _steps:
        _carried((*_step.say, *_step.again), _step.claim)
for _advice in PACK.phrases.advice.values():
    _carried(_advice.say, _advice.claim)
for _flag in PACK.triage.flags.values():
    for _words in (_flag.say, *_flag.say_with.values(), *_flag.say_after.values()):
        _carried(_words, _flag.claim)
    _carried(tuple(frame.replace("{answer}", _flag.then) for frame in ("{answer}", *TALK["as_i_said"])), _flag.claim)


def said_of(flag: str, profile: frozenset[str]) -> set[str]:
    """The possible wordings for a danger sign, alone or after another."""
    described = PACK.triage.flags[flag]
    return {
        filled(text)
        for signs in ((), *((sign,) for sign in described.say_after))
        for text in described.words(profile, signs)
    }


def advice(key: str) -> set[str]:
    return {filled(text) for text in PACK.phrases.advice[key].say}


def _questions() -> dict[str, str]:
    """The name of the question for every wording."""
    names: dict[str, str] = {}
    dangers = [flag.ask for flag in PACK.triage.flags.values() if flag.ask]
    confirms = [text for steps in PACK.protocols.values() for step in steps for text in step.confirm or ()]
    places = [by.for_side(side) for by in PACK.phrases.places.values() for side in (None, "left", "right", "both")]
    about = {"danger": dangers, "safe_to_stand": confirms, "place": places}
    for name, question in PACK.phrases.questions.items():
        for wording in (*question.ask, *question.no_input, *question.no_match):
            for filled in about.get(name, [""]):
                names[wording.replace("{question}", filled).replace("{place}", filled)] = name
    return names


QUESTIONS = _questions()
MINUTES = frozenset(
    text.replace("{minutes}", number)
    for key in ("minutes_none", "minutes_one", "minutes_some", "minutes_many")
    for text in PACK.phrases.talk[key]
    for number in PACK.phrases.counts
)
"""The answers to "how long has it been?"."""
STILL_S = 60.0
"""Seconds to ask whether the cramp is still there after a power cut that outlasted the ten minutes."""
LYING = frozenset({"faint", "unresponsive"})
"""Danger signs after which nobody is told to sit up."""
LAST_DANGER = PACK.triage.flags[PACK.triage.questions[-1]].ask


@dataclass
class Night:
    """The night so far, as observed."""

    profile: frozenset[str]
    t: float = 0.0
    speaking: bool = False
    last: str = ""
    """The last text spoken."""
    asked: str | None = None
    """Name of the open question."""
    asked_text: str = ""
    quiet_since: float = 0.0
    """When the last word ended."""
    paused: bool = False
    """Whether the person asked to wait; until a step, a count or a question other than whether to go on."""
    open: bool = False
    """Whether the diary has an open episode."""
    site: str | None = None
    side: object = None
    thigh: bool = False
    """Whether it is in the thigh, and nobody knows if in the front or the back."""
    told_thigh: bool = False
    """Whether the person just said so."""
    onset: float = inf
    deadline: float = inf
    """When the ten minutes are over."""
    unresolved: float | None = None
    sought: bool = False
    """Whether the guide asked where the cramp is."""
    eased: bool = False
    just_eased: bool = False
    """Whether the person has said so with the event under way."""
    moved: bool = False
    """Whether the person says with the event under way that it is elsewhere now."""
    confirmed: bool = False
    """Whether the person just said that it is safe to stand."""
    standing: str | None = None
    """The step that this allows."""
    danger: float = -inf
    """When a danger sign last ruled out stretching; -inf if never, or if denied since."""
    only_help: float = -inf
    """Until when the guide may talk only about help."""
    signs: set[str] = field(default_factory=set)
    """Danger signs that nobody has answered with no since."""
    screened: bool = False
    """Whether all danger questions were answered with no in this episode."""
    clot_owed: bool = False
    """Whether the clot question must come before the next step, because of a pregnancy just told."""
    kept: frozenset[str] = frozenset()
    """The conditions in the profile that outlast a restart."""
    limits: frozenset[str] = frozenset()
    """Conditions as which a request may count: "I can't reach my toes" as limited mobility."""
    easing_asked: int = 0
    """How often it asked if it is easing since anything but time passed."""
    stretching: bool = False
    flags: set[str] = field(default_factory=set)

    def perceives(self, event: Event) -> None:
        """Note an event. A question stays open until it is answered."""
        self.t = max(self.t, event.t)
        asked = self.asked
        self.just_eased = False
        self.moved = isinstance(event, Heard) and (
            event.intent == "moved" or "moved" in event.slots or event.slots.get("side") == "other"
        )
        if not isinstance(event, Tick | SpeechEnded):
            self.easing_asked = 0
        self.told_thigh = isinstance(event, Heard) and event.slots.get("site") == THIGH
        if isinstance(event, Heard) and event.intent in ("yes", "no", "fine"):
            self.asked = None
        match event:
            case SpeechEnded():
                self.quiet_since = self.t
            case Heard(intent="yes"):
                self.confirmed = asked == "safe_to_stand"
                self.just_eased = asked in ("easing", "gone") and not self.moved
                self.eased = self.eased or self.just_eased
            case Heard(intent="no" | "fine" as intent):
                self.eased = self.eased and (asked != "easing" or intent == "fine")
                if asked == "danger":
                    self._denies()
                elif intent == "fine":
                    self.only_help = -inf
            case Heard(intent="told", slots=slots):
                news = slots["condition"] not in self.profile
                self.clot_owed = self.clot_owed or (news and slots["condition"] == "pregnant")
                self.profile = self.profile | {slots["condition"]}
            case Heard(intent="asked", slots={"what": what}) if what in CONDITION_OF:
                self.limits |= {CONDITION_OF[what]}
            case Heard(intent="better" | "gone" as intent):
                self.eased = True
                if intent == "gone" and not self.flags & (PRESSING - {"ten_minutes"}):
                    self.only_help = -inf
            case Heard(intent="worse"):
                self.eased, self.standing = False, None
            case Heard(intent="stop"):
                self.only_help = -inf
            case Resumed(onset=onset, site=site, flags=flags):
                self.open, self.onset, self.site, self.sought = True, onset, site, site is not None
                self.side = None
                self.quiet_since, self.flags = event.t, set(flags)
                self.deadline = max(onset + 600, event.t + STILL_S)
                if PRESSING.intersection(flags):
                    self.only_help, self.deadline = event.t + 60, inf
            case Remembered(unresolved=unresolved, danger=danger, signs=signs, told=told):
                self.signs, self.profile = set(signs), self.kept | told
                self.clot_owed = self.clot_owed and "pregnant" in told
                self.unresolved, self.danger = unresolved, -inf if danger is None else danger

    def _denies(self) -> None:
        """Note that the danger question that was open is answered with no."""
        self.signs -= {sign for sign in self.signs if PACK.triage.flags[sign].ask in self.asked_text}
        if LAST_DANGER in self.asked_text:
            self.screened = True
            if not self.signs:
                self.danger = -inf

    def does(self, action: Action) -> None:
        """Note an action of the guide."""
        match action:
            case StopSpeaking():
                self.speaking, self.asked, self.quiet_since = False, None, self.t
            case Say(text=text):
                self.speaking, self.last = True, text
                self.paused = text in TALK["paused"] or (self.paused and not _goes_on(text))
                if text in TALK["waiting"]:  # the question stays open
                    return
                self.asked, self.asked_text = QUESTIONS.get(text), text
                self.easing_asked += self.asked == "easing"
                self.sought = self.sought or self.asked in ("site", "thigh")
                self.thigh = self.thigh or self.asked == "thigh"
                self.clot_owed = self.clot_owed and LAST_DANGER not in text
            case Record(kind=kind, data=data):
                self._writes(kind, dict(data))

    def _writes(self, kind: str, data: dict[str, object]) -> None:
        match kind:
            case "episode_opened":
                self._opens(data["site"])
                self.side = data["side"]
            case "site":
                # "Yes, the right one" tells of the leg that eases.
                told_first = self.side is None and not self.moved
                other_leg = data["side"] != self.side and not told_first and not self.just_eased
                self.eased = self.eased and data["site"] == self.site and not other_leg
                self.site, self.side, self.thigh = str(data["site"]), data["side"], False
            case "step":
                if self.confirmed:
                    self.standing = str(data["step"])
                elif data["step"] != self.standing:
                    self.standing = None
                self.confirmed = False
            case "flag":
                self._flags(str(data["flag"]), data.get("status"))
            case "episode_closed":
                self.open = self.thigh = False
                self.unresolved = None if data["outcome"] in ("gone", "eased") else self.onset
            case "stretch_started":
                self.stretching = True
            case "stretch_ended":
                self.stretching = False

    def _opens(self, site: object) -> None:
        again = self.unresolved is not None and self.t - self.unresolved < 600
        self.onset = self.unresolved if again and self.unresolved is not None else self.t
        self.deadline = self.onset + 600
        self.open, self.unresolved, self.quiet_since, self.paused = True, None, self.t, False
        self.site, self.sought = (str(site), True) if site in SITES else (None, False)
        self.eased, self.standing, self.confirmed, self.flags, self.only_help = False, None, False, set(), -inf
        self.screened, self.thigh = False, self.told_thigh

    def _flags(self, flag: str, status: object) -> None:
        if status == "withdrawn":
            self.flags.discard(flag)
            if not self.flags & PRESSING:
                self.only_help = -inf
            self.quiet_since = self.t  # the reminders before were further apart
            return
        if status is None:
            self.flags.add(flag)
        if flag == "numbness":
            self.profile = self.profile | {"neuropathy"}
        if flag in PRESSING:
            self.deadline = inf
            if status is None:
                self.only_help, self.clot_owed = self.t + 60, False
            if flag != "ten_minutes":
                if not self.stretching_ruled_out:
                    self.signs.clear()
                self.danger = self.t
                self.signs.add(flag)

    @property
    def standing_signs(self) -> frozenset[str]:
        """The danger signs of the night that nobody has answered with no since."""
        return frozenset(self.signs) if self.stretching_ruled_out else frozenset()

    @property
    def lying(self) -> bool:
        """Whether the person must not sit up."""
        return not LYING.isdisjoint(self.standing_signs)

    @property
    def ten_minutes_over(self) -> bool:
        return self.open and self.t > self.deadline

    @property
    def stretching_ruled_out(self) -> bool:
        return self.t < self.danger + 12 * 3600

    def steps_saying(self, text: str) -> list[Step]:
        """The steps that speak ``text`` in the protocol of the current site or of an unknown site."""
        if self.stretching:
            return []
        return [step for protocol, step in STEPS.get(text, []) if protocol in (self.site, THIGH, UNKNOWN)]

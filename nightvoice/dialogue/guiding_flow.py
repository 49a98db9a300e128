"""The flow through the steps of a protocol: which comes next, and what each has brought."""

from abc import abstractmethod

from nightvoice.content.protocol import StepPosition
from nightvoice.dialogue import held_question
from nightvoice.dialogue.agenda import Ask, GoTo, Line, QuestionKind
from nightvoice.dialogue.agenda_flow import AgendaFlow
from nightvoice.dialogue.state import Phase
from nightvoice.dialogue.step_builder import StepBuilder
from nightvoice.dialogue.wishes import first_step

ROUNDS = 6
"""Maximum rounds through the protocol; after that the guide lets the person rest."""


class GuidingFlow(AgendaFlow):
    """Leads through the steps of a protocol. Each method changes a ``StepBuilder`` and starts the next words."""

    @abstractmethod
    def ask_danger(self, builder: StepBuilder, number: int, *first: Line) -> None:
        """Ask danger question ``number``; after the last, continue as the answers allow."""

    def clot_question(self, builder: StepBuilder) -> tuple[Ask, ...]:
        """Return the question about a clot if it must come before the next stretch."""
        return (self.prompts.danger_question_for("clot", alone=True),) if builder.state.clot_due else ()

    def begin_protocol(self, builder: StepBuilder, protocol: str, *first: Line) -> None:
        """Start the steps of ``protocol``, or ask the danger questions if a recent danger sign still stands."""
        if builder.t < builder.state.danger_until:
            return self.ask_danger(builder, 0, *first)
        if builder.state.clot_due:
            return self.go(builder, *first, *self.clot_question(builder), GoTo("protocol"))
        builder.set_episode(protocol=protocol)
        plan = self.prompts.plan(protocol, builder.episode.helper, builder.state.history.steps)
        known = builder.knows_usual_at(protocol) and not self.prompts.at_risk
        if builder.episode.usual is None and not known:  # nothing is rubbed before that question
            gentle = [step for step in plan if step.kind in ("stretch", "loosen")][:1]
            plan = (*gentle, *(step for step in plan if step not in gentle))
        builder.set_episode(plan=plan, known=known, rounds=0, answered=False, worse=False, screening=None)
        number = first_step(builder.episode)
        helped = known and builder.state.history.steps.eased[protocol, plan[number].id]
        then = self.prompts.talk("as_last_time") if helped else None
        return self.go_to_step(builder, number, *first, then=then)

    def go_to_step(self, builder: StepBuilder, number: int, *first: Line, then: Line | None = None) -> None:
        """Go to step ``number`` of the plan; past the last, start another round. Ask first before a standing step.

        ``then``: what is said after the step's first words.
        """
        if builder.episode.protocol is None:
            return self.begin_protocol(builder, builder.episode.suitable_protocol, *first)
        builder.set(phase=Phase.GUIDING)
        first, plan = (*held_question.caution(self, builder), *first), builder.episode.plan
        eased = builder.episode.eased
        while number < len(plan) and plan[number].only_if_eased and not eased:
            number += 1
        if number < len(plan) and plan[number].only_if_eased:
            return self._ask_to_stand(builder, number, *first)
        if number >= len(plan):
            # `first` is left out: "we'll try something else" would be untrue
            if builder.episode.answered and not (eased or builder.episode.screened):
                builder.set_episode(rounds=1)
                return self.ask_danger(builder, 0)
            if not builder.episode.answered or builder.episode.rounds + 1 >= ROUNDS:
                return self.let_rest(builder, "eased" if eased else "unanswered", then="resting_well")
            builder.set_episode(rounds=builder.episode.rounds + 1)
            number, first = 0, (self.prompts.talk("round_again"),)
        return self.start_step(builder, number, *first, then=then)

    def _ask_to_stand(self, builder: StepBuilder, number: int, *first: Line) -> None:
        sit_up = () if builder.episode.seated else self.prompts.advice_allowed("sit_up")
        builder.set_episode(step_index=number - 1, seated=True)
        self.go(builder, *first, *sit_up, self.prompts.safe_to_stand(builder.episode.plan[number]))

    def start_step(self, builder: StepBuilder, number: int, *first: Line, then: Line | None = None) -> None:
        seated = {"bed": False, "sitting": True}.get(builder.episode.plan[number].position, builder.episode.seated)
        builder.set_episode(step_index=number, seated=seated)
        self.go(builder, *first, *self.prompts.step(builder.episode, then))

    def record_effect(self, builder: StepBuilder, effect: str) -> None:
        """Record the effect of the current step. Relief from some steps raises a danger flag."""
        episode = builder.episode
        unsuitable = episode.step_index < 0  # as it turned out
        if builder.state.phase is not Phase.GUIDING or episode.protocol is None or unsuitable:
            return
        step = episode.plan[episode.step_index]
        builder.record("effect", protocol=episode.protocol, step=step.id, effect=effect)
        builder.set(history=builder.state.history.with_effect((episode.protocol, step.id), effect))
        builder.set_episode(eased=effect == "eased")
        flag = step.flag_if_eased
        if effect == "eased" and flag is not None and flag not in builder.state.flags:
            builder.set(flags=builder.state.flags | {flag})
            builder.record("flag", flag=flag, action=self.prompts.action(flag))

    def ask_easing(self, builder: StepBuilder) -> None:
        """Ask whether it is easing; whoever gave no answer to that rests, and is led on."""
        if builder.episode.silent:
            return self.go(builder, *self.prompts.rest(), GoTo("next_step"), keep_repeatable=True)
        return self.go(builder, self.prompts.ask(QuestionKind.EASING), keep_repeatable=True)

    def on_silence(self, builder: StepBuilder) -> None:
        """Let whoever felt relief rest; otherwise lead on, and ask no more until they speak."""
        if builder.episode.eased:
            return self.let_rest(builder, "eased", then="resting_well")
        builder.set_episode(silent=True)
        return self.go_to_step(builder, builder.episode.step_index + 1, self.prompts.talk("leading_on"))

    def position(self, builder: StepBuilder) -> StepPosition:
        """Return whether the person lies in bed, sits on its edge or stands."""
        episode = builder.episode
        step = episode.plan[episode.step_index] if episode.protocol is not None and episode.step_index >= 0 else None
        if step is not None and step.position == "standing":
            return "standing"
        return "sitting" if episode.seated else "bed"

    def on_eased(self, builder: StepBuilder) -> None:
        """Repeat the step that helps, then ask whether the cramp is gone."""
        self.record_effect(builder, "eased")
        self.go(builder, *self.prompts.once_more(builder.episode))

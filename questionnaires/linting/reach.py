"""Questions that can never be asked, or always are although a condition stands before them.

Invariants: only what no answers at all can bring about is called impossible; each question is decided once.
"""

from collections.abc import Iterator

from questionnaires import operators
from questionnaires.definition import Questionnaire
from questionnaires.linting.catalogue import Finding, find
from questionnaires.linting.domains import Domains, meet, narrow, narrow_all
from questionnaires.linting.places import Places
from questionnaires.operators import Condition

_END_USE = frozenset(f"E{number}" for number in range(1, 8))


def check_reach(questionnaire: Questionnaire, places: Places) -> Iterator[Finding]:
    """Yield what is wrong with when questions are asked."""
    paths = _Paths(questionnaire)
    for id_, gates in questionnaire.gates.items():
        yield from _check_question(id_, gates, paths, places)
    for at, section in enumerate(questionnaire.sections):
        if section.asked_when is not None:
            yield from _check_condition(section.asked_when, questionnaire, places.of_section(at) + "/asked_when")
        for question in section.questions:
            if question.asked_when is not None:
                place = places.of(question.id) + "/asked_when"
                yield from _check_condition(question.asked_when, questionnaire, place)
    yield from _check_end_use(questionnaire)


class _Paths:
    """What must have been answered for each question to be asked."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        """Look at a questionnaire that holds together."""
        self.questionnaire = questionnaire
        self._own: dict[str, Domains | None] = {}
        self._whole: dict[str, Domains | None] = {}
        self._never: dict[str, bool] = {}

    def own(self, id_: str) -> Domains | None:
        """Return what is possible while a question's own conditions hold; None where they cannot."""
        if id_ not in self._own:
            self._own[id_] = narrow_all(self.questionnaire.gates.get(id_, ()), self.questionnaire, {})
        return self._own[id_]

    def whole(self, id_: str) -> Domains | None:
        """Return the same with the conditions of every question whose answer is needed."""
        if id_ not in self._whole:
            found = self.own(id_)
            for name in sorted({name for gate in self.questionnaire.gates.get(id_, ()) for name in _needed(gate)}):
                above = self.whole(name)
                found = None if found is None or above is None else meet(found, above)
            self._whole[id_] = found
        return self._whole[id_]

    def never(self, id_: str) -> bool:
        """Return whether a question is never asked: a condition is impossible, or hangs on such questions alone."""
        if id_ not in self._never:
            gates = self.questionnaire.gates.get(id_, ())
            hanging = [gate.own_questions for gate in gates if gate.own_questions and not gate.counts]
            self._never[id_] = self.own(id_) is None or any(all(map(self.never, names)) for names in hanging)
        return self._never[id_]


def _check_question(id_: str, gates: tuple[Condition, ...], paths: _Paths, places: Places) -> Iterator[Finding]:
    question = paths.questionnaire.questions[id_]
    place = places.of(id_) + ("/asked_when" if question.asked_when is not None else "")
    if paths.never(id_):
        looked_at = ", ".join(sorted({name for gate in gates for name in gate.looked_at}))
        yield find("never-asked", place, f"{id_} is never asked, whatever is answered to {looked_at or 'anything'}")
    elif paths.whole(id_) is None:
        needed = ", ".join(sorted({name for gate in gates for name in _needed(gate)}))
        yield find("asked-only-when-open", place, f"the condition of {id_} contradicts that of {needed}")


def _check_condition(condition: Condition, questionnaire: Questionnaire, place: str) -> Iterator[Finding]:
    if narrow(condition, questionnaire, {}, wanted=False) is None:
        yield find("always-asked", place, "the condition cannot fail")


def _check_end_use(questionnaire: Questionnaire) -> Iterator[Finding]:
    if not any(question.screen for question in questionnaire.questions.values()):
        return
    about = [id_ for id_, question in questionnaire.questions.items() if _END_USE & set(question.feeds)]
    if all(id_ in questionnaire.gates for id_ in about):
        said = f"all {len(about)} have a condition" if about else "there is none"
        yield find("end-use-can-be-skipped", "/sections", f"of the questions that feed E1 to E7, {said}")


def _needed(condition: Condition) -> frozenset[str]:
    """Return the questions whose answers a condition cannot do without."""
    match condition:
        case operators.All():
            return frozenset(name for part in condition.all for name in _needed(part))
        case operators.Not() if not operators.parts(condition.not_):
            return _needed(condition.not_)
        case operators.Any() | operators.Not() | operators.RowsAre() | operators.StateIs() | operators.Answered():
            return frozenset()
        case _:
            return frozenset(name.partition(".")[0] for name in operators.looks(condition))

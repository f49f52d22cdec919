"""A compliance officer who looks for a better result: hill climbing over whatever a vendor can send without anybody.

What the officer can do alone: answer anything, leave anything open, shape rows, attach files (V1). Grades from V2 up
are set by others, so an answer that the officer changes keeps none of them. Invariant: a search draws from its seed
only.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from questionnaires.canonical import digest
from questionnaires.documents import AnswerKey, iterate, value_of
from questionnaires.evidence import EvidenceItem, level
from questionnaires.scales import step_of
from questionnaires.visibility import asked
from tests.questionnaires.engine_2.conftest import ON, Revisions, any_field
from tests.questionnaires.engine_2.whole import read_whole
from tests.questionnaires.strategies import Submission

READ_BY_SOMEBODY = 2
"""V2: the lowest grade that the vendor cannot give itself."""
FILE = EvidenceItem(digest("a file"), "V1", ON)
SILENCE: tuple[dict[str, Any] | None, ...] = (
    None,
    {"state": "not_known"},
    {"state": "not_applicable", "reason": "This does not concern us."},
    {"state": "declined_confidential", "reason": "Our customers ask for it."},
    {"state": "declined_legal", "legal_basis": "A law."},
)
MOST_ROWS = 7
Score = tuple[int, int]
"""The company's printed band, then the highest upper bound of its deployments."""


def score(revisions: Revisions, one: Submission) -> Score:
    """Return what the officer wants low."""
    card = revisions.assess(one.document, one.evidence)
    return step_of(card.band), max(row.high.residual for row in card.rows)


def loosen(one: Submission) -> Submission:
    """Return a copy whose answers can be replaced; answers themselves are never changed in place."""
    document: dict[str, Any] = {"company": dict(one.document["company"])}
    for group in ("product", "deployment", "incident"):
        rows = one.document.get(group, {})
        if group != "incident" or rows:
            document[group] = {row: {**content, "answers": dict(content["answers"])} for row, content in rows.items()}
    return Submission(document, dict(one.evidence))


class Desk(NamedTuple):
    """What one step works on: the submission so far, the truth, the revisions and a source of choices."""

    one: Submission
    truth: Submission
    revisions: Revisions
    order: random.Random

    def places(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return group, row and answers of the company and every row."""
        document = self.one.document
        rows = [(g, row, c["answers"]) for g in ("product", "deployment") for row, c in document[g].items()]
        return [("company", "", document["company"]), *rows]

    def say(self, answers: dict[str, Any], row: str, question: str, value: dict[str, Any]) -> None:
        """State a value, with a file or without; nobody else's grade stays behind a new statement."""
        if value == value_of(answers.get(question)):
            return
        answers[question] = {"state": "answered", "value": value}
        self.one.evidence[AnswerKey(question, row)] = [FILE] if self.order.random() < 0.8 else []


Move = Callable[[Desk], None]


def withhold(desk: Desk) -> None:
    """Leave an answer open in some state, or a field of it."""
    _, _, answers = desk.order.choice(desk.places())
    if not answers:
        return
    question = desk.order.choice(sorted(answers))
    value = dict(value_of(answers[question]))
    if len(value) > 1 and desk.order.random() < 0.4:
        del value[desk.order.choice(sorted(value))]
        answers[question] = {"state": "answered", "value": value}
        return
    silence = desk.order.choice(SILENCE)
    if silence is None:
        del answers[question]
    else:
        answers[question] = silence


def omit(desk: Desk) -> None:
    """Leave a deployment out."""
    rows = desk.one.document["deployment"]
    if rows:
        del rows[desk.order.choice(sorted(rows))]


def _add(desk: Desk, content: dict[str, Any], evidence_of: str) -> str:
    rows = desk.one.document["deployment"]
    name = f"more{len(rows)}-{desk.order.randrange(10**6)}"
    rows[name] = {**content, "answers": dict(content["answers"])}
    for question in content["answers"]:
        items = desk.one.evidence.get(AnswerKey(question, evidence_of))
        if items is not None:
            desk.one.evidence[AnswerKey(question, name)] = items
    return name


def copy(desk: Desk) -> None:
    """Describe a deployment twice."""
    rows = desk.one.document["deployment"]
    if rows and len(rows) < MOST_ROWS:
        row = desk.order.choice(sorted(rows))
        _add(desk, rows[row], row)


def split(desk: Desk) -> None:
    """Describe a deployment as two with its people and units between them."""
    rows = desk.one.document["deployment"]
    if not rows or len(rows) >= MOST_ROWS:
        return
    row = desk.order.choice(sorted(rows))
    twin = _add(desk, rows[row], row)
    for question, field in (("USE-04", "people"), ("BUY-01", "units")):
        value = value_of(rows[row]["answers"].get(question))
        if field in value:
            part = desk.order.randint(0, value[field])
            for name, count in ((row, part), (twin, value[field] - part)):
                rows[name]["answers"][question] = {"state": "answered", "value": {**value, field: count}}


def merge(desk: Desk) -> None:
    """Let one deployment stand for another of the same product and place too, people and units added up."""
    rows = desk.one.document["deployment"]
    if len(rows) < 2:
        return
    kept, gone = desk.order.sample(sorted(rows), 2)
    for question, field in (("USE-04", "people"), ("BUY-01", "units")):
        values = [value_of(rows[name]["answers"].get(question)) for name in (kept, gone)]
        if all(field in value for value in values):
            together = {**values[0], field: values[0][field] + values[1][field]}
            desk.say(rows[kept]["answers"], kept, question, together)
    del rows[gone]


def dilute(desk: Desk) -> None:
    """Add a harmless deployment of a product of one's own, and its units to the totals."""
    rows, products = desk.one.document["deployment"], sorted(desk.one.document["product"])
    if not products or len(rows) >= MOST_ROWS:
        return
    harmless = read_whole("f5", desk.revisions.questionnaire)["deployment"]["d1"]
    product = desk.order.choice(products)
    name = _add(desk, {**harmless, "product": product}, "")
    sale = value_of(rows[name]["answers"]["BUY-01"])
    lines = value_of(desk.one.document["company"].get("OWN-05")).get("areas")
    if lines is not None:
        line = {"product": product, "area": sale["area"], "units": sale["units"]}
        desk.say(desk.one.document["company"], "", "OWN-05", {"areas": [*lines, line]})


def attach(desk: Desk) -> None:
    """Attach a file to an answer that has none."""
    bare = [key for _, key, _ in iterate(desk.one.document) if not desk.one.evidence.get(key)]
    if bare:
        desk.one.evidence[desk.order.choice(bare)] = [FILE]


def paper(desk: Desk) -> None:
    """Claim a practice on paper."""
    reference = desk.order.choice(desk.revisions.criteria.practices)
    _lie(desk, *reference.split("."))


def lie(desk: Desk) -> None:
    """State anything about anything that is asked."""
    questions = desk.revisions.questionnaire.questions
    question = desk.order.choice(sorted(questions))
    _lie(desk, question, desk.order.choice(sorted(questions[question].fields)))


def _lie(desk: Desk, question: str, field: str) -> None:
    definition = desk.revisions.questionnaire.questions[question]
    places = [(row, answers) for group, row, answers in desk.places() if group == definition.per]
    if not places:
        return
    row, answers = desk.order.choice(places)
    value = {**value_of(answers.get(question)), field: any_field(definition.fields[field], desk.order)}
    for name in definition.fields.keys() - value.keys():
        value[name] = any_field(definition.fields[name], desk.order)
    desk.say(answers, row, question, value)


def disguise(desk: Desk) -> None:
    """Describe a deployment or a product as the harmless one of another exercise."""
    harmless = read_whole(desk.order.choice(("f5", "f6")), desk.revisions.questionnaire)
    group = desk.order.choice(("product", "deployment"))
    like = next(iter(harmless[group].values()))["answers"]
    rows = desk.one.document[group]
    if rows:
        row = desk.order.choice(sorted(rows))
        for question in set(rows[row]["answers"]) - set(like):
            del rows[row]["answers"][question]
        for question in sorted(like):
            desk.say(rows[row]["answers"], row, question, like[question].get("value", {}))


def call_oneself_linked(desk: Desk) -> None:
    """Deny every contact that makes a contribution."""
    harmless: dict[str, dict[str, Any]] = {
        "PRD-11": {"touch": []}, "PRD-20": {"help_given": []}, "BUY-12": {"brand_list": "none_checked"},
        "REC-06": {"again": "no"}, "IMP-08": {"known": "nothing_searched"},
    }  # fmt: skip
    for group, row, answers in desk.places():
        for question, value in harmless.items():
            definition = desk.revisions.questionnaire.questions[question]
            if definition.per == group and question in answers:
                desk.say(answers, row, question, {**value_of(answers[question]), **value})


def fill(desk: Desk) -> None:
    """Answer something that is asked and blank."""
    visible: dict[str, Any] = dict(asked(desk.revisions.questionnaire, desk.one.document))
    blank = [(row, answers, id_) for g, row, answers in desk.places() for id_ in visible[g][row] if id_ not in answers]
    if blank:
        row, answers, question = desk.order.choice(blank)
        fields = desk.revisions.questionnaire.questions[question].fields
        desk.say(answers, row, question, {name: any_field(field, desk.order) for name, field in fields.items()})


def shrink_totals(desk: Desk) -> None:
    """Take the units of what is left out from the totals too."""
    sums: dict[tuple[str, str], int] = {}
    for row in desk.one.document["deployment"].values():
        sale = value_of(row["answers"].get("BUY-01"))
        if "area" in sale and "units" in sale:
            sums[row["product"], sale["area"]] = sums.get((row["product"], sale["area"]), 0) + sale["units"]
    lines = [{"product": product, "area": area, "units": units} for (product, area), units in sums.items()]
    desk.say(desk.one.document["company"], "", "OWN-05", {"areas": lines})


SILENT: tuple[Move, ...] = (withhold, withhold, withhold, omit, copy, split, attach)
"""Nothing that is said is untrue; much is not said, or said twice."""
ON_PAPER: tuple[Move, ...] = (*SILENT, paper, paper, paper)
"""And practices are claimed, as far as a file goes."""
ANYTHING: tuple[Move, ...] = (
    *ON_PAPER, lie, lie, lie, lie, disguise, disguise, disguise, call_oneself_linked, fill, fill, merge, dilute,
    shrink_totals,
)  # fmt: skip


def climb(
    revisions: Revisions, truth: Submission, moves: Sequence[Move], seed: int, steps: int
) -> tuple[Submission, Score]:
    """Return the best submission that a search finds, and its score; steps sideways are taken too."""
    order = random.Random(seed)
    best, reached = truth, score(revisions, truth)
    for _ in range(steps):
        tried = loosen(best)
        for _ in range(order.choice((1, 1, 1, 2, 4))):
            order.choice(moves)(Desk(tried, truth, revisions, order))
        found = score(revisions, tried)
        if found <= reached:
            best, reached = tried, found
    return best, reached


def unsupported(one: Submission, truth: Submission) -> list[AnswerKey]:
    """Return the untrue statements behind which the record shows nobody but the vendor: grade V0 or V1."""
    told = {key: value_of(answer) for _, key, answer in iterate(truth.document)}
    return [
        key
        for _, key, answer in iterate(one.document)
        if value_of(answer)
        and not _is_part(value_of(answer), told.get(key, {}))
        and level(one.evidence.get(key, ()), ON) < READ_BY_SOMEBODY
    ]


def _is_part(value: Any, whole: Any) -> bool:
    """Say whether a value states nothing but what another states: fields may be left out."""
    return all(name in whole and whole[name] == stated for name, stated in value.items())


def take_back(one: Submission, truth: Submission) -> Submission:
    """Return the submission with every untrue statement as it is in truth: what is left is silence and missing rows."""
    honest = loosen(one)
    told = truth.document
    for group in ("product", "deployment"):
        rows = honest.document[group]
        for row in [row for row in rows if row not in told[group]]:
            del rows[row]
    _restore(honest, truth, "", honest.document["company"], told["company"])
    for group in ("product", "deployment"):
        for row, content in honest.document[group].items():
            _restore(honest, truth, row, content["answers"], told[group][row]["answers"])
    return honest


def _restore(one: Submission, truth: Submission, row: str, answers: dict[str, Any], true: dict[str, Any]) -> None:
    for question in [q for q, answer in answers.items() if not _is_part(value_of(answer), value_of(true.get(q)))]:
        key = AnswerKey(question, row)
        if question in true:
            answers[question] = true[question]
            one.evidence[key] = truth.evidence.get(key, [])
        else:
            del answers[question]

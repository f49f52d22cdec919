"""Red lines as data, and what reviewers decided about them.

Invariants: an answer raises a candidate, never a finding; only a reviewer confirms or dismisses, after the vendor could
reply; a question that is answered neither way leaves its red line open. Whatever is not dismissed or lifted holds the
printed band at the red line's own effect, so that silence is never better than an admission.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, StringConstraints

from questionnaires.conditions import Condition
from questionnaires.definition import Group, Model, Text
from questionnaires.documents import AnswerKey
from questionnaires.scales import BandName, Level

RedLineCode = Annotated[str, StringConstraints(pattern=r"^(RL|XL)-[0-9]{2}$")]
"""A red line; XL is an overlay's own."""
Verdict = Literal["confirmed", "dismissed", "open"]
Status = Literal["under_review", "confirmed", "dismissed", "open", "lifted"]


class Graver(Model):
    """What makes a red line's effect worse."""

    when: Condition
    effect: BandName


class Sign(Model):
    """What raises a candidate: a condition over the answers of one company, product or deployment.

    Where the condition cannot be decided and `open_counts` is set, the red line is not excluded.
    """

    per: Group
    when: Condition
    open_counts: bool = False


class RedLine(Model):
    """One red line: its signs, its effect on the printed band, the proof a finding needs, and how it is lifted.

    `months` is the wait after a reviewer found the conditions of `lifted` met. `at_most` holds mitigations down while
    the red line stands confirmed. `revokes` says that a finding revokes attestations; that is not done here.
    """

    name: Text
    signs: tuple[Sign, ...] = ()
    effect: BandName
    graver: Graver | None = None
    proof: Text
    lifted: Text
    months: Annotated[int, Field(ge=0, le=120)] = 0
    at_most: dict[str, Level] = Field(default_factory=dict)
    revokes: bool = False


class Decision(NamedTuple):
    """What a reviewer decided about a candidate: by which role, on which day, with which dates of the vendor.

    `reply_due` is the end of the vendor's time to reply. `reported_on` stands where the vendor reported first, before
    any other source; `stopped_on` where use or supply was shown to have stopped; `lifted_on` where the conditions for
    lifting were shown. `allegation` and `reply` are what the two sides say, so that neither stands without the other.
    """

    verdict: Verdict
    by: str
    on: date
    reply_due: date | None = None
    replied: bool = False
    reported_on: date | None = None
    stopped_on: date | None = None
    lifted_on: date | None = None
    allegation: str | None = None
    reply: str | None = None


SAID = ("allegation", "reply")
"""What is said of a red line: in the JSON form only where there is something, and once per result."""


class Review(NamedTuple):
    """What reviewers decided, as plain data: whoever has it can recompute the scorecard.

    `red_lines` by candidate (`RL-02/deployment/d1`), `not_applicable` the answers whose "not applicable" was accepted,
    `resolved` the contradictions settled (`X-01/d1`).
    """

    red_lines: Mapping[str, Decision]
    not_applicable: frozenset[AnswerKey]
    resolved: frozenset[str]


NO_REVIEW = Review({}, frozenset(), frozenset())


def candidate(code: str, group: Group, row: str) -> str:
    """Return the name of a candidate: the red line, the group and the row that it is about."""
    return f"{code}/{group}/{row}" if row else f"{code}/{group}"


def decision_json(decision: Decision) -> dict[str, Any]:
    """Return a decision as JSON without what is said: words, dates as text, nothing where there is none."""
    pairs = ((name, value) for name, value in decision._asdict().items() if name not in SAID)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in pairs}


def _said_json(decision: Decision) -> dict[str, str]:
    said = {"allegation": decision.allegation, "reply": decision.reply}
    return {name: text for name, text in said.items() if text is not None}


def review_json(review: Review) -> dict[str, Any]:
    """Return a review as JSON, sorted; `read_review` reads it back."""
    return {
        "red_lines": {
            name: {**decision_json(decision), **_said_json(decision)}
            for name, decision in sorted(review.red_lines.items())
        },
        "not_applicable": [{"question": key.question, "row": key.row} for key in sorted(review.not_applicable)],
        "resolved": sorted(review.resolved),
    }


def read_review(data: Mapping[str, Any]) -> Review:
    """Return the review that JSON holds; raise KeyError, TypeError or ValueError where it holds none."""
    return Review(
        {name: _read_decision(decision) for name, decision in data["red_lines"].items()},
        frozenset(AnswerKey(item["question"], item["row"]) for item in data["not_applicable"]),
        frozenset(data["resolved"]),
    )


def review_in(result: Mapping[str, Any]) -> Review:
    """Return the review that a signed result carries; none where its engine knows no reviews."""
    return read_review(result["review"]) if "review" in result else NO_REVIEW


def _read_decision(data: Mapping[str, Any]) -> Decision:
    if data["verdict"] not in {"confirmed", "dismissed", "open"}:
        raise ValueError("a decision is confirmed, dismissed or open")
    days = {
        name: None if data[name] is None else date.fromisoformat(data[name])
        for name in ("reply_due", "reported_on", "stopped_on", "lifted_on")
    }
    allegation, reply = (data.get(name) for name in SAID)
    if not all(text is None or isinstance(text, str) for text in (allegation, reply)):
        raise TypeError("what is said of a red line is text")
    return Decision(
        data["verdict"], data["by"], date.fromisoformat(data["on"]), replied=data["replied"],
        allegation=allegation, reply=reply, **days,
    )  # fmt: skip

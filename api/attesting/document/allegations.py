"""Red lines as the document prints them: what is alleged and what the vendor replies, side by side.

Invariants: only what stands in the signed result is printed; neither side is printed without the other's place, so that
a reply that is missing is seen to be missing, and by when it was or is due.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from api.attesting.document.wording import day
from attestations.statement import read_day
from questionnaires.criteria import Criteria

STATUSES = {
    "under_review": "under review", "open": "not excluded by the answers", "confirmed": "confirmed",
    "dismissed": "dismissed", "lifted": "lifted",
}  # fmt: skip
COPIED_STATUSES = {**STATUSES, "under_review": "under review, or raised by the answers and not yet reviewed"}
"""As a copy in part can tell them: the head does not say whether a reviewer has spoken."""
RAISED = "raised by the answers, not yet reviewed"
ARTICLES = {"product": "a product", "deployment": "a deployment", "incident": "an incident"}


class Allegation(NamedTuple):
    """One red line: what it is about, how it stands, and both sides; a side is None where it has not spoken."""

    code: str
    name: str
    mark: str
    about: str
    status: str
    decided: str
    band: str | None
    alleged: str | None
    points: tuple[str, ...]
    reply: str | None
    no_reply: str

    @property
    def is_told(self) -> bool:
        """Whether a reviewer has spoken: alleged something, or decided."""
        return self.alleged is not None or bool(self.decided)


def list_allegations(
    result: Mapping[str, Any], criteria: Criteria, owners: Mapping[tuple[str, str], tuple[str, str]], on: str
) -> tuple[Allegation, ...]:
    """Return the red lines of a signed result, in its order; none where its engine knows none."""
    said = result["review"]["red_lines"] if "review" in result else {}
    return tuple(
        _allegation(line, said.get(line["candidate"]), criteria, owners, on) for line in result.get("red_lines", ())
    )


def _allegation(
    line: Mapping[str, Any],
    said: Mapping[str, Any] | None,
    criteria: Criteria,
    owners: Mapping[tuple[str, str], tuple[str, str]],
    on: str,
) -> Allegation:
    mark, about = _about(line, owners)
    return Allegation(
        code=line["red_line"], name=criteria.red_lines[line["red_line"]].name, mark=mark, about=about,
        status=_word(line["status"], said), decided=_decided(line["status"], said), band=line["band"],
        alleged=said.get("allegation") if said is not None else None,
        points=tuple(dict.fromkeys(place.partition(".")[0] for place in line["because"])),
        reply=said.get("reply") if said is not None else None, no_reply=_no_reply(said, on),
    )  # fmt: skip


def _about(line: Mapping[str, Any], owners: Mapping[tuple[str, str], tuple[str, str]]) -> tuple[str, str]:
    """Return the mark and the name of what a red line is about: a decision outlives the row that it was about."""
    _, group, *row = line["candidate"].split("/")
    if not row:
        return "", "Company"
    return owners.get((group, row[0])) or ("", f"{ARTICLES[group]} that is no longer declared")


def _word(status: str, said: Mapping[str, Any] | None) -> str:
    """Return how a red line stands, in words; where no reviewer spoke, nobody reviews."""
    return RAISED if status == "under_review" and said is None else STATUSES[status]


def _decided(status: str, said: Mapping[str, Any] | None) -> str:
    if said is None:
        return ""
    verb = "opened" if said["verdict"] == "open" else said["verdict"]
    parts = [f"{verb} by a {said['by']} on {day(said['on'])}"]
    words = {
        "reported_on": "reported first by the vendor on", "stopped_on": "stopped on", "lifted_on": "mended on",
    }  # fmt: skip
    parts += [f"{word} {day(said[name])}" for name, word in words.items() if said[name] is not None]
    if (status, said["verdict"]) == ("under_review", "confirmed"):
        parts.append("counts once the vendor has replied or its time to reply is over")
    return "; ".join(parts)


def _no_reply(said: Mapping[str, Any] | None, on: str) -> str:
    """Return why no reply is printed, in plain words."""
    if said is None:
        return "Not asked for so far."
    if said["replied"]:
        return "Given, and not part of this result."
    if said["reply_due"] is None:
        return "None."
    due = day(said["reply_due"])
    return f"None so far; it is due by {due}." if read_day(said["reply_due"]) >= read_day(on) else f"None by {due}."


def tally_statuses(allegations: tuple[Allegation, ...]) -> str:
    """Return how many red lines stand how, as "1 confirmed, 2 under review"."""
    found = [one.status for one in allegations]
    return ", ".join(f"{found.count(status)} {status}" for status in (*STATUSES.values(), RAISED) if status in found)

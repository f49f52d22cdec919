"""Red lines: what answers point to, what is not excluded, and what reviewers decided.

Invariants: answers raise candidates, reviewers find; a confirmation counts once the vendor has replied or its time to
reply is over; a decision outlives the answer and the row that it was made about; whatever is neither dismissed nor
lifted holds the band.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from questionnaires import conditions
from questionnaires.criteria import Criteria
from questionnaires.definition import GROUPS, Group
from questionnaires.engine_2.plans import Pointing, plan_of
from questionnaires.engine_2.reads import Reads
from questionnaires.redlines import Decision, Graver, RedLine, Review, Status, candidate
from questionnaires.rowfacts import Facts
from questionnaires.scales import BandName
from questionnaires.standing import Finding

FIRST_REPORT_MONTHS = 6
FIRST_REPORT_FLOOR: BandName = "high"


class Scene(NamedTuple):
    """One company, product, deployment or incident whose answers may point to a red line.

    `facts` are those of the row as far as it is asked and, where that differs, as far as it surely is.
    """

    group: Group
    row: str
    facts: Sequence[Facts]


class Scenes(NamedTuple):
    """The scenes of one group, in the order of their rows."""

    group: Group
    rows: Sequence[str]
    reads: Reads

    def scene(self, number: int) -> Scene:
        """Return the scene of a row, by its place."""
        return Scene(self.group, self.rows[number], self.reads.of(number, self.reads.facts))


def find(criteria: Criteria, groups: Sequence[Scenes], review: Review, on: date) -> Sequence[Finding]:
    """Return every red line that is raised, open or decided, in the order of the criteria and the scenes."""
    found: dict[str, Finding] = {}
    for code, red_line in criteria.red_lines.items():
        signs = plan_of(criteria).signs[code]
        for scenes in (scenes for scenes in groups if scenes.group in signs):
            outcomes = scenes.reads.read(signs[scenes.group])
            for number in range(len(scenes.rows)):
                pointing = _join(scenes.reads.of(number, outcomes))
                if pointing is not None:
                    finding = _raise(code, red_line, scenes.scene(number), pointing, review, on)
                    found[finding.candidate] = finding
    for name in sorted(review.red_lines.keys() - found.keys()):
        code, _, rest = name.partition("/")
        group, _, row = rest.partition("/")
        if code in criteria.red_lines and group in GROUPS:
            there = next((s.scene(s.rows.index(row)) for s in groups if s.group == group and row in s.rows), None)
            gone = Scene("company", "", groups[0].scene(0).facts)
            found[name] = _decided(criteria.red_lines[code], there or gone, name, review.red_lines[name], on)
    return list(found.values())


def _join(found: Sequence[Pointing | None]) -> Pointing | None:
    """Return what points to a red line; only perhaps where it hangs on what may not be asked in the end."""
    pointing = [one for one in found if one is not None]
    if not pointing:
        return None
    return pointing[0]._replace(raised=len(pointing) == len(found) and all(one.raised for one in pointing))


def _raise(  # noqa: PLR0913, PLR0917  # one candidate's inputs
    code: str, red_line: RedLine, scene: Scene, pointing: Pointing, review: Review, on: date
) -> Finding:
    """Return the finding that one scene's answers and a reviewer's decision make."""
    raised, because = pointing
    name = candidate(code, scene.group, scene.row)
    decision = review.red_lines.get(name)
    status = _status(red_line, decision, on, raised="under_review" if raised else "open")
    band, band_low = _bands(red_line, scene.facts, decision, status, on)
    certain = raised or status == "confirmed"
    return Finding(code, name, scene.group, scene.row, status, band, band_low if certain else None, because, decision)


def _decided(red_line: RedLine, scene: Scene, name: str, decision: Decision, on: date) -> Finding:
    """Return the finding of a decision that no answer points to any more."""
    status = _status(red_line, decision, on, raised="under_review")
    band, band_low = _bands(red_line, scene.facts, decision, status, on)
    return Finding(name.partition("/")[0], name, scene.group, scene.row, status, band, band_low, (), decision)


def _status(red_line: RedLine, decision: Decision | None, on: date, *, raised: Status) -> Status:
    if decision is None or decision.verdict == "open" or decision.on > on:
        return raised
    if decision.verdict == "dismissed":
        return "dismissed"
    if not decision.replied and (decision.reply_due is None or decision.reply_due >= decision.on):
        return "under_review"
    if decision.lifted_on is not None and after_months(decision.lifted_on, red_line.months) <= on:
        return "lifted"
    return "confirmed"


def _bands(
    red_line: RedLine, facts: Sequence[Facts], decision: Decision | None, status: Status, on: date
) -> tuple[BandName | None, BandName | None]:
    """Return the band that a red line holds the headline at, and the one it certainly holds."""
    if status in {"dismissed", "lifted"}:
        return None, None
    high = low = red_line.effect
    if red_line.graver is not None:
        outcomes = {_graver(red_line.graver, one) for one in facts}
        high = red_line.graver.effect if outcomes != {False} else high
        low = red_line.graver.effect if outcomes == {True} else low
    if decision is not None and _told_first(decision, on):
        high = low = FIRST_REPORT_FLOOR
    return high, low


def _graver(graver: Graver, facts: Facts) -> bool | None:
    """Return whether the graver effect holds; a finding about a row that is gone cannot be read and may."""
    if not facts.values and conditions.criteria_of(graver.when):
        return None
    return conditions.evaluate(graver.when, facts)


def _told_first(decision: Decision, on: date) -> bool:
    """Return whether the vendor reported before anyone else, has stopped, and is within six months of reporting."""
    if decision.reported_on is None or decision.stopped_on is None:
        return False
    return (
        decision.reported_on <= on <= after_months(decision.reported_on, FIRST_REPORT_MONTHS)
        and decision.stopped_on <= on
    )


def after_months(day: date, months: int) -> date:
    """Return the same day so many months later, the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def limits_of(criteria: Criteria, review: Review, on: date) -> Mapping[tuple[str, str], Mapping[str, int]]:
    """Return the mitigations that confirmed red lines hold down, by group and row."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for name, decision in review.red_lines.items():
        code, _, rest = name.partition("/")
        group, _, row = rest.partition("/")
        red_line = criteria.red_lines.get(code)
        if red_line is not None and _status(red_line, decision, on, raised="under_review") == "confirmed":
            found.setdefault((group, row), {}).update(red_line.at_most)
    return found


def sort_by_owner(
    findings: Sequence[Finding], places: Mapping[str, str | None]
) -> Mapping[tuple[Group, str], Sequence[Finding]]:
    """Return the findings that hold each product and deployment; those of incidents hold where they happened."""
    found: defaultdict[tuple[Group, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.group != "incident":
            found[finding.group, finding.row].append(finding)
            continue
        place = places.get(finding.row)
        if place is not None:
            found["deployment", place].append(finding)
    return found

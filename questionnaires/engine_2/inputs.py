"""What an assessment by engine 2 reads: its inputs, hidden answers gone and evidence aged, and the rows they speak of.

Invariant: what is read of a row is read of the answers of its owners alone: the company, its product, itself.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from questionnaires.completeness import Owner
from questionnaires.conditions import Range
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.documents import Answer, AnswerKey, Deployment, Document
from questionnaires.engine_2 import disclosures
from questionnaires.engine_2.reads import Memory, Reads
from questionnaires.redlines import Review
from questionnaires.rowfacts import Facts
from questionnaires.visibility import Asking


class Row(NamedTuple):
    """A company, product, deployment or incident: its answers, whose they are, and the sums over rows like it."""

    deployment: Deployment
    owners: Sequence[Owner]
    totals: Mapping[str, Range]


def as_row(deployment: Deployment, totals: Mapping[str, Range]) -> Row:
    """Return a deployment with the owners whose answers speak about it."""
    owners: tuple[Owner, ...] = ("company", ""), ("product", deployment.product), ("deployment", deployment.row)
    return Row(deployment, owners, totals)


class Inputs(NamedTuple):
    """What an assessment reads, hidden answers gone and evidence aged."""

    questionnaire: Questionnaire
    criteria: Criteria
    context: Context
    document: Document
    sheet: disclosures.Sheet
    answers: Sequence[tuple[AnswerKey, Answer]]
    levels: Mapping[AnswerKey, int]
    review: Review
    on: date
    unread: frozenset[str]
    """Questions that the criteria read and this questionnaire does not have."""
    asking: Asking
    memory: Memory

    def reads(self, rows: Sequence[Row]) -> Reads:
        """Return the reads of rows, without evidence."""
        return Reads(self.memory, [self.facts(row) for row in rows])

    def read_fewest(self, reads: Reads, rows: Sequence[Row]) -> None:
        """Read rows a second time where no question is asked that open answers could still rule out.

        Both bounds read them too: an answer that counts today may be one that is not asked in the end. What no rule
        looks at makes no difference.
        """
        fewest: dict[int, Facts] = {}
        for number, row in enumerate(rows):
            unsure = [self.asking.unsure(*owner) for owner in row.owners if self.sheet.knows(owner)]
            gone = frozenset[str]().union(*unsure) & self.criteria.questions
            if gone:
                answers = {id_: answer for id_, answer in row.deployment.answers.items() if id_ not in gone}
                fewest[number] = self.facts(row._replace(deployment=row.deployment._replace(answers=answers)))
                fewest[number].hidden |= gone
        reads.ask_fewest(fewest)

    def facts(self, row: Row) -> Facts:
        """Return the facts that a row's answers make, without evidence."""
        facts = Facts(self.questionnaire, self.criteria, self.context, row.deployment, {}, row.totals)
        facts.hidden = self.sheet.hidden(row.owners) | self.unread
        facts.row_counts = {"incident": len(self.document.get("incident", ()))}
        if self.review.not_applicable:
            answers, names = row.deployment.answers, {name for _, name in row.owners}
            facts.accepted = frozenset(
                key.question
                for key in self.review.not_applicable
                if key.row in names and answers.get(key.question, {}).get("state") == "not_applicable"
            )
        return facts

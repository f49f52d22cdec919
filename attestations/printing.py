"""Reports and tables as plain text.

Invariant: text from a checked file (names) is printed without control characters, so that it cannot move the cursor or
hide a line of the report.
"""

import textwrap
from collections.abc import Mapping, Sequence
from typing import TextIO

from attestations.report import Report
from attestations.statement import Statement, format_instant

WIDTH = 100


def print_report(report: Report, stream: TextIO) -> None:
    """Write the numbered steps, what was stated, and the outcome in the last line."""
    for step in report.steps:
        stream.write(f"{step.number}. {step.title:<24} {step.status.value:<15} {step.reason.value}\n")
        stream.write(textwrap.fill(step.sentence, WIDTH, initial_indent="   ", subsequent_indent="   ") + "\n")
        stream.writelines(f"   - {_plain(problem)}\n" for problem in step.problems)
    if report.statement is not None:
        stream.write("\n")
        stream.writelines(f"{label:<14} {_plain(value)}\n" for label, value in _facts(report.statement))
    stream.write(f"\n{report.outcome.value} as of {format_instant(report.at)}\n")


def print_table(rows: Sequence[Mapping[str, str]], stream: TextIO) -> None:
    """Write rows as aligned columns, the keys of the first row as heading."""
    if not rows:
        stream.write("no rows\n")
        return
    heading = list(rows[0])
    lines = [heading, *([_plain(row.get(name, "")) for name in heading] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(heading))]
    stream.writelines(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines
    )


def _facts(statement: Statement) -> list[tuple[str, str]]:
    company = statement.result.get("company")
    band = company.get("band") if isinstance(company, dict) else None
    return [
        ("attestation", statement.attestation),
        ("issued", statement.issued_at),
        ("issuer", statement.issuer.name),
        ("respondent", statement.respondent.name),
        ("questionnaire", f"{statement.questionnaire.id}@{statement.questionnaire.revision}"),
        ("criteria", f"{statement.criteria.id}@{statement.criteria.revision}, engine {statement.criteria.engine}"),
        ("band", str(band)),
    ]


def _plain(text: str) -> str:
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)

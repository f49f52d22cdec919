"""Reports and tables as plain text.

Invariants: text from a checked file (names, figures) is printed without control characters and on one line; what is
printed as a figure was signed by a trusted signer, and after a failure no figure is printed.
"""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from attestations.countersignatures.printing import facts_of
from attestations.in_toto import AnyStatement
from attestations.report import Report, SignerName
from attestations.statement import format_instant
from attestations.text import plain

if TYPE_CHECKING:
    from attestations.sensitivity import Firmness

WIDTH = 100
LABEL = 15
UNMET = "Genuine, as far as the other steps say, but not what you asked for: its figures are not shown.\n"
MOST_OF_LEAF = 4000
"""Characters of a single leaf; the report as JSON has the whole."""
MAX_ROWS = 600
"""As many deployments as a submission can have."""


def print_report(report: Report, stream: TextIO) -> None:
    """Write the steps, who signed, what was stated, what no step looks at, and the outcome in the last line."""
    for step in report.steps:
        head = f"{step.number}. {step.title}"
        stream.write(f"{head:<27} {step.status.value:<15} {step.reason.value}\n")
        _write_sentence(step.sentence, stream)
        stream.writelines(f"   - {plain(problem, WIDTH)}\n" for problem in step.problems)
    stream.write("\n")
    if report.signer is not None:
        stream.writelines(_fact(*fact) for fact in _signer(report.signer))
    if report.facts is not None:
        stream.writelines(_fact(*fact) for fact in _facts(report.facts))
        if report.proven_at is not None:
            stream.write(_fact("proven since", f"{format_instant(report.proven_at)} (trusted timestamp)"))
        stream.writelines(_figures(report.result or {}))
        stream.writelines(_firmness(report.firmness or ()))
        if report.leaf is not None:
            stream.write(_wrapped("leaf", _leaf(report.leaf)))
        if report.countersignatures is not None:
            stream.writelines(_wrapped(*fact) for fact in facts_of(report.countersignatures))
    else:
        stream.write(UNMET if report.fails_wishes_alone else "Nothing that this file states may be relied on.\n")
    stream.write("\n")
    for note in report.notes:
        _write_sentence(note, stream)
    stream.write(f"\n{report.outcome.value} as of {format_instant(report.at)}\n")


def print_table(rows: Sequence[Mapping[str, str]], stream: TextIO) -> None:
    """Write rows as aligned columns, the keys of the first row as heading."""
    if not rows:
        stream.write("no rows\n")
        return
    heading = list(rows[0])
    lines = [heading, *([plain(row.get(name, "")) for name in heading] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(heading))]
    stream.writelines(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines
    )


def _write_sentence(sentence: str, stream: TextIO) -> None:
    stream.write(textwrap.fill(sentence, WIDTH, initial_indent="   ", subsequent_indent="   ") + "\n")


def _fact(label: str, value: str) -> str:
    return f"{label:<{LABEL}}{plain(value, WIDTH - LABEL)}\n"


def _wrapped(label: str, value: str) -> str:
    """Return a fact that may take several lines, none of which is cut; those that go on stand further in than any fact.

    Whoever says something beside an attestation could else fill up a line and begin one that looks like ours.
    """
    words, further = " ".join(plain(value).split()), " " * (LABEL + 4)
    return textwrap.fill(words, WIDTH, initial_indent=f"{label:<{LABEL}}", subsequent_indent=further) + "\n"


def _signer(signer: SignerName) -> Iterator[tuple[str, str]]:
    yield "signer", signer.subject
    yield "key", signer.keyid
    yield "root", signer.root


def _facts(statement: AnyStatement) -> Iterator[tuple[str, str]]:
    yield "issuer", f"{statement.issuer.name} (as the signer says)"
    yield "respondent", statement.respondent.name
    yield "attestation", statement.attestation
    yield "issued", statement.issued_at
    yield "questionnaire", f"{statement.questionnaire.id}@{statement.questionnaire.revision}"
    yield "criteria", f"{statement.criteria.id}@{statement.criteria.revision}, engine {statement.criteria.engine}"
    yield "context", f"{statement.context.id}@{statement.context.revision}"


def _figures(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the company's result, then one line per deployment; another engine's result may have other parts."""
    company = _object(result.get("company"))
    yield _fact("result", f"{_band(company)}; residual {_residual(company)}")
    people, open_rows = _text(company, "people_in_high_or_severe"), _text(company, "people_open")
    yield _fact("people", f"{people} where it is, or may be, high or severe; rows that do not tell it: {open_rows}")
    rows = result.get("deployments")
    worst = f"the worst is {_text(company, 'worst')}" if isinstance(rows, list) else "none of them shown in this copy"
    yield from _standing(result)
    yield _fact("deployments", f"{_text(company, 'deployments')}, {worst}")
    rows = rows if isinstance(rows, list) else []
    for row in map(_object, rows[:MAX_ROWS]):
        parts = (_text(row, "row"), _text(row, "product"), _band(row), _residual(row), _text(row, "involvement"))
        yield f"  {plain('  '.join(parts), WIDTH - 2)}\n"
    if len(rows) > MAX_ROWS:
        yield f"  and {len(rows) - MAX_ROWS} more\n"


def _standing(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield what holds the band: how much was answered, caps, red lines; an engine says no word of what it has not."""
    coverage = _object(result.get("coverage"))
    if coverage:
        answered = f"{_text(coverage, 'answered')} of {_text(coverage, 'asked')} questions answered"
        yield _fact("coverage", f"{answered}, {_text(coverage, 'with_evidence')} with evidence")
    if isinstance(caps := result.get("caps"), list):
        names = (cap if isinstance(cap, str) else _text(_object(cap), "cap") for cap in caps)
        yield _wrapped("caps", ", ".join(sorted(set(names))) or "none")
    if isinstance(lines := result.get("red_lines"), list):
        told = (f"{_text(line, 'red_line')} {_word(_text(line, 'status'))}" for line in map(_object, lines))
        yield _wrapped("red lines", ", ".join(sorted(set(told))) or "none raised")


def _firmness(rows: "Sequence[Firmness]") -> Iterator[str]:
    """Yield how firm the computed bands are: in how many draws each stays, and where nine tenths of the draws lie."""
    if rows:
        yield _fact("sensitivity", "of the upper bounds, under other weights, shares and ceilings")
    for one in rows:
        word = "firm" if one.firm else "not firm"
        shown = f"{one.row}  {one.band} in {one.same_band} of {one.draws} draws, {word}; {one.low} to {one.high}"
        yield f"  {plain(shown, WIDTH - 2)}\n"


def _leaf(leaf: Mapping[str, Any]) -> str:
    """Return what a single leaf is about and what it says, as JSON: whoever brought it must not choose the words."""
    about = [
        f"{leaf['kind']} of the {leaf['group']}",
        *(str(leaf[name]) for name in ("row", "question") if leaf.get(name)),
    ]
    said = {name: part for name, part in leaf.items() if name not in {"kind", "group", "row", "question"}}
    return plain(f"{' '.join(about)}: {json.dumps(said, ensure_ascii=False)}", MOST_OF_LEAF)


def _band(figures: Mapping[str, Any]) -> str:
    high, low = _text(figures, "band"), _text(figures, "band_low")
    if figures.get("rated") is not True:
        return f"NOT RATED, between {low} and {high}"
    return high if low == high else f"{high}, at best {low}"


def _residual(figures: Mapping[str, Any]) -> str:
    high, low = _text(figures, "residual"), _text(figures, "residual_low")
    return high if low == high else f"{low} to {high}"


def _text(figures: Mapping[str, Any], name: str) -> str:
    value = figures.get(name)
    return str(value) if isinstance(value, str | int) and value != "" else "-"


def _word(status: str) -> str:
    return "not excluded" if status == "open" else status.replace("_", " ")


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}

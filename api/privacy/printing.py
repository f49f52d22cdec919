"""The register of personal data as the tables of docs/privacy.md (`python -m api.privacy.printing` prints them)."""

import sys
from collections.abc import Mapping

from api.privacy.free import FREE
from api.privacy.register import ANSWERS, ELSEWHERE, PERSONAL, Personal
from questionnaires.fields import LongTextField, OrganisationField, TableField, TextField
from questionnaires.library import questionnaires

FREE_TEXT = (TextField, LongTextField, OrganisationField)

_HEAD = (
    "| where | what it can hold | why | who sees it | how long it stays | how it goes |\n|---|---|---|---|---|---|\n"
)


def print_register() -> str:
    """Return the tables."""
    free: dict[str, list[str]] = {}
    for column, reason in FREE.items():
        free.setdefault(reason, []).append(f"`{column}`")
    reasons = "".join(f"- {', '.join(columns)}: {reason}\n" for reason, columns in free.items())
    answers = "".join(f"- `{name}`: {holds}\n" for name, holds in {**ANSWERS, **list_free_text()}.items())
    return (
        f"### Columns\n\n{_table(PERSONAL, '`')}\n### Free text within the answers\n\n{answers}\n"
        f"### Files, documents, logs\n\n{_table(ELSEWHERE, '')}\n### Columns free of personal data\n\n{reasons}"
    )


def list_free_text() -> dict[str, str]:
    """Return the label of every field, or column of a table, of the shipped questionnaires that takes free text.

    What a field is asked for says what it can hold; a newer revision's words count.
    """
    found = {}
    for questionnaire in sorted(questionnaires().values(), key=lambda one: one.revision):
        for question in questionnaire.questions.values():
            for name, field in question.fields.items():
                columns = field.columns.items() if isinstance(field, TableField) else ()
                for place, part in ((name, field), *((f"{name}.{column}", part) for column, part in columns)):
                    if isinstance(part, FREE_TEXT):
                        found[f"{question.id}.{place}"] = part.label
    return found


def _table(entries: Mapping[str, Personal], mark: str) -> str:
    return _HEAD + "".join(f"| {mark}{name}{mark} | {' | '.join(entry)} |\n" for name, entry in entries.items())


if __name__ == "__main__":
    sys.stdout.write(print_register())

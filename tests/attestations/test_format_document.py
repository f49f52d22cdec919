"""The document of the format keeps up with the code."""

import re
from pathlib import Path

from attestations import bundle, certificates, statement
from attestations.bundle import FIELDS
from attestations.byte_range import MAX_PDF
from attestations.reasons import Reason
from attestations.report import TITLES

TEXT = (Path(__file__).parents[2] / "docs" / "attestation-format.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([A-Za-z_]+)` \|(.*)\|$", TEXT, re.MULTILINE)


def test_every_reason_stands_in_the_table_once() -> None:
    assert sorted(code for code, _ in ROWS if code.isupper()) == sorted(Reason)


def test_every_reason_names_steps_and_a_status() -> None:
    one = r"(passed|failed|indeterminate|not applicable|not run)"
    steps = re.compile(rf" (all|[1-9](, ([1-9]|10))*|10|2 to 10) \| {one}(, {one})* \| \S")
    assert [code for code, row in ROWS if code.isupper() and not steps.match(row)] == []


def test_every_field_of_bundle_and_statement_is_explained() -> None:
    explained = {code for code, _ in ROWS}
    assert explained >= FIELDS
    assert set(statement.Statement.model_fields) <= explained


def test_steps_and_limits_are_those_of_the_code() -> None:
    for number, title in TITLES.items():
        assert f"{number}. **{title[0].upper()}{title[1:]}**" in TEXT
    assert MAX_PDF == 32 * 2**20
    assert bundle.MAX_BUNDLE == 16 * 2**20
    assert statement.MAX_STATEMENT == 4 * 2**20
    for limit in (bundle.MAX_PARTS, bundle.PARTS_PER_LEAF, statement.MAX_LEAVES):
        assert f"{limit:,}" in TEXT
    assert f"{certificates.TOLERANCE.seconds // 60} minutes" in TEXT

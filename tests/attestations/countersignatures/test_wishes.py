"""What counts for a wish, what is printed, and the command."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from attestations import bundle as bundles
from attestations import trust as trusts
from attestations.commands import verify as command
from attestations.countersignatures.wishes import NOTHING, Wishes
from attestations.policy import Policy
from attestations.printing import print_report
from attestations.reasons import Reason
from attestations.report import Outcome, Status
from attestations.trust import Trust
from attestations.verification import verify
from tests.attestations.conftest import Keys
from tests.attestations.countersignatures.making import ACTED, Maker, Organisation
from tests.attestations.test_trust_list import ListKey

LIMITED, REASONABLE = Wishes(assurance="limited"), Wishes(assurance="reasonable")
PROCEDURES = Wishes(assurance="agreed_upon_procedures")
REASON = "The sample was too small."


def opinion(kind: str) -> dict[str, Any]:
    return {"kind": kind, "reasons": None if kind == "unmodified" else REASON}


FOUND = {"level": "agreed_upon_procedures", "opinion": None, "standard": "ISRS 4400 (Revised)"}
SECTION = {"kind": "sections", "sections": ["A"], "leaves": []}
COUNTS: list[tuple[list[dict[str, Any]], Wishes, bool]] = [
    ([{}], LIMITED, True),
    ([{}], REASONABLE, False),
    ([{"level": "reasonable"}], REASONABLE, True),
    ([{"level": "reasonable"}], LIMITED, True),
    ([{"opinion": opinion("qualified")}], LIMITED, True),
    ([{"opinion": opinion("adverse")}], LIMITED, False),
    ([{"opinion": opinion("disclaimer")}], LIMITED, False),
    ([{}, {"opinion": opinion("adverse")}], LIMITED, False),
    ([{"opinion": opinion("disclaimer")}, {}], LIMITED, True),
    ([{"scope": SECTION}], LIMITED, False),
    ([FOUND], LIMITED, False),
    ([FOUND], PROCEDURES, True),
    ([{"level": "reasonable"}], PROCEDURES, False),
    ([], LIMITED, False),
]


@pytest.mark.parametrize(("assurances", "wish", "met"), COUNTS)
def test_an_assurance_counts_by_level_scope_and_opinion(
    assurances: list[dict[str, Any]], wish: Wishes, met: bool, whole: bytes, maker: Maker, trust: Trust, forge: Any
) -> None:
    file = maker.file(*(maker.entry(maker.assurance(**changes)) for changes in assurances))
    report = verify(whole, trust, forge.at, countersignatures=file, policy=Policy(beside=wish))
    assert report.outcome is (Outcome.PASSED if met else Outcome.FAILED)
    assert report.steps[9].reason is (Reason.OK if met else Reason.POLICY)
    assert report.steps[7].reason is Reason.NO_POLICY
    unasked = verify(whole, trust, forge.at, countersignatures=file)
    assert (unasked.outcome, unasked.steps[9].status) == (Outcome.PASSED, Status.PASSED)


@pytest.mark.parametrize("own", [False, True])
def test_a_declaration_counts_and_one_with_a_proven_key_is_a_wish_of_its_own(
    own: bool, whole: bytes, maker: Maker, organisation: Organisation, trust: Trust, knowing: Trust, forge: Any
) -> None:
    said = maker.declaration()
    file = maker.file(maker.entry(said, organisation.jws(said) if own else None))
    for wish, reader, met in (
        (Wishes(declared=True), trust, True),
        (Wishes(proven=True), trust, False),
        (Wishes(proven=True), knowing, own),
    ):
        report = verify(whole, reader, forge.at, countersignatures=file, policy=Policy(beside=wish))
        assert (report.outcome is not Outcome.FAILED) is met


@pytest.mark.parametrize("wish", [Wishes(declared=True), Wishes(proven=True), LIMITED])
def test_without_a_file_no_wish_is_met(wish: Wishes, whole: bytes, maker: Maker, trust: Trust, forge: Any) -> None:
    failed = verify(whole, trust, forge.at, policy=Policy(beside=wish))
    assert forge.failure(failed) == (10, Reason.POLICY)
    said = maker.entry(maker.declaration())
    withdrawn = maker.entry(maker.withdrawal(said), at=ACTED + timedelta(minutes=5))
    file = maker.file(said, withdrawn)
    assert verify(whole, trust, forge.at, countersignatures=file, policy=Policy(beside=wish)).outcome is Outcome.FAILED
    assert verify(whole, trust, forge.at, policy=Policy(beside=NOTHING)).outcome is Outcome.PASSED


class Folder:
    """Files as the command reads them."""

    def __init__(self, folder: Path, bundle: bytes, keys: Keys, organisation: Organisation) -> None:
        self.folder = folder
        key, signer = ListKey(), keys.signer
        pem = signer.certificate.public_bytes(Encoding.PEM).decode()
        content = {
            "version": 1, "issued_at": "2026-11-25T09:00:00Z", "format": "enduse-trust/2",
            "roots": [signer.root.public_bytes(Encoding.PEM).decode()],
            "signers": [{"keyid": signer.keyid, "certificate": pem, "since": None, "until": None, "revoked": None}],
            "timestamp_roots": [], "logs": [], "witnesses": [], "status_keys": [], "list_keys": [key.entry],
            "organisation_roots": [organisation.root.public_bytes(Encoding.PEM).decode()],
        }  # fmt: skip
        (folder / "trust.json").write_text(json.dumps(content))
        (folder / "attestation.json").write_bytes(bundle)

    def verify(self, file: bytes, *options: str) -> int:
        (self.folder / "countersignatures.json").write_bytes(file)
        paths = [str(self.folder / name) for name in ("attestation.json", "trust.json", "countersignatures.json")]
        return command([paths[0], "--trust", paths[1], "--countersignatures", paths[2], "--at", "2026-12-01", *options])


@pytest.fixture
def folder(tmp_path: Path, whole: bytes, keys: Keys, organisation: Organisation) -> Folder:
    return Folder(tmp_path, whole, keys, organisation)


def test_the_command_prints_what_stands_beside_it(
    folder: Folder, maker: Maker, organisation: Organisation, capsys: pytest.CaptureFixture[str]
) -> None:
    said, stranger = maker.declaration(), Organisation()
    file = maker.file(
        maker.entry(said, organisation.jws(said)), maker.entry(said, stranger.jws(said)),
        maker.entry(maker.assurance(opinion=opinion("adverse"))),
    )  # fmt: skip
    assert folder.verify(file) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for text in (
        "10. countersignatures indeterminate HOLDER_NOT_PROVEN",
        "declared by Ada Verrin, Head of compliance, of CityFace, on 2026-11-27T10:00:00Z",
        "I may speak for the organisation named here.",
        "certificate of CN=CityFace plc under the organisation root CN=Root of names: compare the names",
        "HOLDER NOT PROVEN",
        "assurance by Bea Thorn, Partner, of Sorrel Assurance, dated 2026-11-26 limited assurance, ISAE 3000",
        f"opinion ADVERSE: {REASON}",
        "PASSED as of 2026-12-01T23:59:59Z",
    ):
        assert text in shown
    assert shown.count("CN=CityFace plc") == 1  # the stranger's certificate names the same subject, and nobody is told


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--require-countersignature",), 0),
        (("--require-countersignature", "--require-own-signature"), 0),
        (("--require-assurance", "limited"), 0),
        (("--require-assurance", "reasonable"), 2),
        (("--require-assurance", "agreed-upon-procedures"), 2),
        (("--require-assurance", "absolute"), 64),
    ],
)
def test_the_command_asks(
    options: tuple[str, ...], code: int, folder: Folder, maker: Maker, organisation: Organisation
) -> None:
    said = maker.declaration()
    assert folder.verify(
        maker.file(maker.entry(said, organisation.jws(said)), maker.entry(maker.assurance())), *options
    ) == code  # fmt: skip


def test_text_of_others_cannot_forge_a_line(folder: Folder, maker: Maker, capsys: pytest.CaptureFixture[str]) -> None:
    forged = {"kind": "adverse", "reasons": "None.\nPASSED as of 2026-12-01T23:59:59Z\u202e"}
    folder.verify(maker.file(maker.entry(maker.assurance(opinion=forged))))
    lines = capsys.readouterr().out.splitlines()
    assert [at for at, line in enumerate(lines) if line.startswith("PASSED")] == [len(lines) - 1]
    assert not any("\u202e" in line for line in lines)


def test_an_older_list_has_no_organisation_roots(keys: Keys) -> None:
    plain = trusts.parse(trusts.build([keys.signer.root], [keys.signer.certificate]))
    assert plain.organisation_roots == ()


def test_nobody_begins_a_line_that_looks_like_ours(whole: bytes, maker: Maker, trust: Trust, forge: Any) -> None:
    """A run of spaces fills up a line; what follows would begin the next one where our own facts begin."""
    lines = ("Read it.", "own signature (jws, ES256) of 2026-11-27T09:59:00Z, as it says", "certificate of CN=Big plc")
    for gap in (" " * 200, "     " + "x " * 60):
        item = {"leaf": bundles.parse(whole).disclosures[0].digest, "done": gap.join(lines), "finding": None}
        file = maker.file(maker.entry(maker.assurance(items=[item])))
        stream = StringIO()
        print_report(verify(whole, trust, forge.at, countersignatures=file), stream)
        assert "certificate of CN=Big" in stream.getvalue()
        assert not any(
            line.startswith((" " * 15 + "own", " " * 15 + "certif")) for line in stream.getvalue().split("\n")
        )


def test_a_text_that_is_not_known_is_said_not_to_count(whole: bytes, maker: Maker, trust: Trust, forge: Any) -> None:
    text = {"id": "our-own-words", "version": "1", "text": "All is well."}
    file = maker.file(maker.entry(maker.declaration(text=text)))
    stream = StringIO()
    print_report(verify(whole, trust, forge.at, countersignatures=file), stream)
    assert "does not count: not a text that this release knows" in stream.getvalue()

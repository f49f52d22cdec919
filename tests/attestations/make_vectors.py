"""Make an attestation that later releases must still verify: `python -m tests.attestations.make_vectors`.

One folder for each version of the format and of the engine, with the PDF, the bundle, the trust list, the record and
what is expected as of the day. The keys are made here and forgotten, so a vector cannot be made again or changed: one
that exists is left alone.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attestations.pdf import seal
from attestations.signing import Signer, create_development_keys
from tests.attestations.authority import Authority
from tests.attestations.conftest import render_pdf
from tests.attestations.exercise import Exercise
from tests.attestations.logged import Log, issue, record_of, trust_list_of
from tests.questionnaires.vendors import export_maker

FOLDER = Path(__file__).parent / "vectors"
VECTORS: dict[str, tuple[int, int, str]] = {
    # the format's version, the revision of the criteria (1 is scored by engine 1, 2 by engine 2), the answers
    "version-1-engine-1": (1, 1, "f4"),
    "version-2-engine-1": (2, 1, "f4"),
    "version-2-engine-2": (2, 2, "export maker"),
    # the three above were sealed by an incremental update, this one in the document's one revision
    "version-2-engine-2-one-revision": (2, 2, "export maker"),
}
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def make(folder: Path, version: int, revision: int, answers: str) -> None:
    """Write a vector as of now: the timestamp authority stamps with the machine's clock."""
    now = datetime.now(UTC).replace(microsecond=0)
    with TemporaryDirectory() as keys:
        signer = create_development_keys(Path(keys) / "signer", "Test Org", (now - timedelta(days=1)).date())
        authority = Authority(Path(keys) / "tsa", now) if version > 1 else None
        bundle = _bundle(signer, version, revision, answers, now)
        sealed = seal(render_pdf(bundle), signer, now, authority.stamp if authority else None)
    log = Log()
    folder.mkdir(parents=True)
    (folder / "attestation.pdf").write_bytes(sealed)
    (folder / "attestation.json").write_bytes(bundle)
    (folder / "trust.json").write_bytes(trust_list_of(signer, log, [authority.root] if authority else []))
    (folder / "record.json").write_bytes(record_of(log, [issue(bundle, sealed)]))
    expected = {"at": (now + timedelta(hours=1)).strftime(MOMENT), "stamped": authority is not None}
    (folder / "expected.json").write_text(json.dumps(expected) + "\n", encoding="utf-8")


def _bundle(signer: Signer, version: int, revision: int, answers: str, now: datetime) -> bytes:
    document: Any = export_maker() if revision > 1 else None
    exercise = Exercise(answers, document, revision=revision)
    exercise.statement |= {
        "issued_at": now.strftime(MOMENT), "assessed_on": f"{now.date()}",
        "request": {**exercise.statement["request"], "due_on": f"{now.date() + timedelta(days=60)}"},
    }  # fmt: skip
    if version == 1:
        return exercise.signed(signer)
    return exercise.signed_2(signer, valid_until=f"{now.date() + timedelta(days=365)}")


if __name__ == "__main__":
    for vector, parts in VECTORS.items():
        if not (FOLDER / vector).exists():
            make(FOLDER / vector, *parts)
            sys.stdout.write(f"made {vector}\n")

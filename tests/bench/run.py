"""What the project promises about speed, measured on this machine in one run.

Ratios are against a bare baseline taken in turns with it. Nothing fails: read the last column.
"""

import logging
import sys
import tempfile
from pathlib import Path

import psycopg

from api.db.cluster import APP, SUPERUSER
from api.db.local import LocalServer
from api.db.migrate import migrate
from attestations.signing import load_signer
from tests.bench import documents, isolation, scoring, scoring_2, screening, service, throughput, validation
from tests.bench.measuring import ROW
from tests.service import grade_all, serving, submit_case


def main() -> int:
    """Print every row."""
    logging.disable(logging.WARNING)
    print(ROW.format("what", "here", "budget", ""))
    validation.measure()
    scoring.measure()
    scoring_2.measure()
    screening.measure()
    service.measure()
    documents.measure(*_attested())
    throughput.measure()
    isolation.measure()
    return 0


def _attested() -> tuple[bytes, object]:
    """Return a bundle as the service makes it, and the key that signed it."""
    with tempfile.TemporaryDirectory(prefix="enduse-bench-") as name, LocalServer(Path(name) / "pg").running() as local:
        with psycopg.connect(local.cluster.address(SUPERUSER, "postgres"), autocommit=True) as superuser:
            superuser.execute("create database bench owner enduse_owner")
        migrate(local.cluster.address("enduse_owner", "bench"))
        with serving(local.cluster.address(APP, "bench"), Path(name) / "data") as found:
            investor, vendor = found.organisation("Aster", "investor"), found.organisation("Tarnbrook", "vendor")
            submission = submit_case(investor, vendor, "f2")["submission"]
            grade_all(investor, submission, "V2")
            made = investor.post("/v1/attestations", {"submission": submission}).json()
            bundle = investor.get(f"/v1/attestations/{made['id']}/bundle").content
        return bundle, load_signer(Path(name) / "data" / "keys")


if __name__ == "__main__":
    sys.exit(main())

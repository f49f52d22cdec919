"""Whoever verifies learns how firm the bands are: from the disclosed answers alone, the same on every machine."""

import json
import os
import subprocess
import sys
from datetime import datetime

from attestations import copies
from attestations.trust import parse
from attestations.verification import verify
from tests.attestations.make_vectors import FOLDER

VECTOR = FOLDER / "version-2-engine-2"
CALL = "import sys; from attestations.cli import main; sys.exit(main(sys.argv[1:]))"
SETTINGS = (
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Kabul"},
    {"PYTHONHASHSEED": "7", "LC_ALL": "C"},
    {"LANG": "tr_TR.UTF-8"},
)


def moment() -> datetime:
    return datetime.fromisoformat(json.loads((VECTOR / "expected.json").read_bytes())["at"])


def test_three_processes_say_the_same_and_the_worst_stands_first() -> None:
    command = [
        sys.executable, "-c", CALL, "verify", str(VECTOR / "attestation.pdf"), "--trust",
        str(VECTOR / "trust.json"), "--at", moment().isoformat(), "--sensitivity", "--json",
    ]  # fmt: skip
    said = {
        subprocess.run(command, env=os.environ | settings, capture_output=True, check=True).stdout
        for settings in SETTINGS
    }
    (only,) = said
    report = json.loads(only)
    rows = report["sensitivity"]
    assert {one["row"] for one in rows} == {one["row"] for one in report["result"]["deployments"]}
    assert [float(one["low"]) <= float(one["high"]) for one in rows] == [True] * len(rows)
    assert all(one["firm"] == (one["same_band"] >= 900) and one["draws"] == 1000 for one in rows)
    worst = max(report["result"]["deployments"], key=lambda one: float(one["residual"]))
    assert rows[0]["row"] == worst["row"]


def test_it_is_not_said_unasked_nor_of_a_copy_in_part() -> None:
    bundle, trust = (VECTOR / "attestation.json").read_bytes(), parse((VECTOR / "trust.json").read_bytes())
    assert "sensitivity" not in verify(bundle, trust, moment()).to_json()
    part = copies.copy(bundle, copies.show_band)
    assert "sensitivity" not in verify(part, trust, moment(), sensitivity=True).to_json()
    assert "sensitivity" in verify(bundle, trust, moment(), sensitivity=True).to_json()

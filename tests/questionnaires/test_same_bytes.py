"""Three processes with other hash seeds, locales and time zones give the same bytes: results, reasons, sensitivity."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = """
from hashlib import sha256
from questionnaires import library
from questionnaires.canonical import canonical_bytes
from questionnaires.reasons import Sources, give_reasons
from questionnaires.scoring import assess, result_of
from questionnaires.sensitivity import vary
from tests.questionnaires.conftest import ON, evidence_of
from tests.questionnaires.engine_2.whole import read_whole
second = library.find(library.questionnaires(), "surveillance-hrdd@2")
criteria = library.find(library.criteria(), "surveillance-hrdd-criteria@2")
context = library.find(library.contexts(), "exercise@2026-11")
for name in ("f1", "f4b", "f7"):
    document = read_whole(name, second)
    del document["company"]["GOV-06"]
    evidence = evidence_of(document, "V3")
    card = assess(second, document, evidence, criteria, context, ON)
    parts = canonical_bytes(result_of(card)), repr(give_reasons(card, Sources(criteria, second, evidence))).encode()
    print(name, *(sha256(part).hexdigest() for part in parts), repr(vary(criteria, card.worst)))
"""
PLACES = (
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"},
    {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "Pacific/Kiritimati"},
    {"PYTHONHASHSEED": "4294967295", "LC_ALL": "tr_TR.UTF-8", "TZ": "America/Adak"},
)


def test_hash_seed_locale_and_time_zone_change_nothing() -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM], cwd=ROOT, env={**os.environ, **place}, stdout=subprocess.PIPE, text=True
        )
        for place in PLACES
    ]
    said = [process.communicate(timeout=300)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert said[0].count("Sensitivity(") == 3
    assert said[0] == said[1] == said[2]

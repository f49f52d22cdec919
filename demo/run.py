"""The whole story with real processes, told as it happens.

A server is started; two investors ask fictional vendors; the vendors' systems answer; reviewers and an auditor grade
the evidence; the investors attest; and a base install, which knows neither the server nor its database, verifies.
Everything is invented. Results lie in demo/out/; the server's own data is thrown away.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from demo.parties import Party, answer, enrol, grade
from demo.server import Server, ServerError, serving

ROOT = Path(__file__).parents[1]
OUT = Path(__file__).parent / "out"
CASES = ("f1", "f2", "f3", "f4", "f4b", "f5", "f6", "f7", "f8")
INVESTORS = ("Aster Pensions", "Hallow Mutual")
AUDITOR = "Sorrel Audit"
WAIT = {"Prefer": "wait=30"}
PASSED, FAILED = 0, 2
"""Exit codes of `enduse verify`."""


class Outcome(NamedTuple):
    """One vendor's attested result, and its document."""

    case: str
    vendor: str
    investor: str
    company: Mapping[str, Any]
    worst: Mapping[str, Any]
    document: Path


def main() -> int:
    """Tell the story and return 0 if every document verifies."""
    prepare_folder()
    folder = Path(tempfile.mkdtemp(prefix="enduse-demo-"))
    try:
        say("Starting a server with its own PostgreSQL, in development mode")
        with serving(folder) as server:
            outcomes = play(server)
    except ServerError as error:
        print(error, file=sys.stderr)
        return 1
    else:
        shutil.rmtree(folder)
    print_table(outcomes)
    return verify_all(outcomes)


def prepare_folder() -> None:
    """Empty the folder of results; the verifier's install in it may stay."""
    OUT.mkdir(exist_ok=True)
    for file in OUT.glob("*.*"):
        file.unlink()


def play(server: Server) -> list[Outcome]:
    """Act for everybody and return the results."""
    say(f"The server is ready at {server.address}; the operator creates investors, an auditor and vendors")
    with closing(Party(server.address, "Operator", server.operator("Demo operator"))) as operator:
        investors = [enrol(operator, server.address, name, "investor") for name in INVESTORS]
        auditor = enrol(operator, server.address, AUDITOR, "auditor")
        vendors: dict[str, Party] = {}
        outcomes = []
        for number, name in enumerate(CASES):
            case = json.loads((Path(__file__).parent / "answers" / f"{name}.json").read_text(encoding="utf-8"))
            vendor = case["vendor"]["name"]
            if vendor not in vendors:
                vendors[vendor] = enrol(operator, server.address, vendor, "vendor")
            outcomes.append(ask(investors[number % 2], vendors[vendor], auditor, case))
    trust = httpx.get(f"{server.address}/v1/trust.json", trust_env=False).content
    (OUT / "trust.json").write_bytes(trust)
    for party in (*investors, auditor, *vendors.values()):
        party.close()
    return outcomes


def ask(investor: Party, vendor: Party, auditor: Party, case: Mapping[str, Any]) -> Outcome:
    """Issue a request, have it answered, graded and attested, and keep the document."""
    say(f"{case['case']}: {investor.name} asks {vendor.name}. {case['title']}.")
    due = (datetime.now(UTC).date() + timedelta(days=60)).isoformat()
    pinned = {kind: case[kind] for kind in ("questionnaire", "criteria", "context")}
    asked = {"respondent": vendor.id, **pinned, "due_on": due}
    request = investor.call("POST", "/v1/disclosure-requests", asked)
    questions = vendor.call("GET", f"/v1/disclosure-requests/{request['id']}")
    submitted = answer(vendor, request["id"], case)
    coverage, company = submitted["scorecard"]["coverage"], submitted["scorecard"]["company"]
    count = sum(len(section["questions"]) for section in questions["definition"]["sections"])
    tell(f"{count} questions read; {coverage['answered']} of {coverage['asked']} answers given, then sealed")
    tell(f"with the evidence as attached: {company['band']}, residual {company['residual']}")
    grade_evidence(investor, vendor, auditor, submitted["submission"], case["evidence"])
    attested = investor.call("POST", "/v1/attestations", {"submission": submitted["submission"]})
    document = OUT / f"{case['case'].lower()}-{vendor.name.lower().replace(' ', '-')}.pdf"
    document.write_bytes(investor.fetch(f"/v1/attestations/{attested['id']}.pdf", headers=WAIT))
    scorecard = investor.call("GET", f"/v1/submissions/{submitted['submission']}/scorecard")
    worst = next(row for row in scorecard["deployments"] if row["row"] == scorecard["company"]["worst"])
    document.with_suffix(".record.json").write_bytes(read_record(investor, attested["id"]))
    tell(f"attested: {document.relative_to(ROOT)} ({document.stat().st_size // 1000} kB)")
    return Outcome(case["case"], vendor.name, investor.name, scorecard["company"], worst, document)


def read_record(investor: Party, attestation: str) -> bytes:
    """Return what the log says about an attestation, as soon as it is in it: anybody who has the bundle can ask."""
    bundle = investor.call("GET", f"/v1/attestations/{attestation}/bundle")
    statement = hashlib.sha256(base64.b64decode(bundle["envelope"]["payload"])).hexdigest()
    return investor.fetch_soon(f"/log/records/sha256:{statement}")


def grade_evidence(investor: Party, vendor: Party, auditor: Party, submission: str, level: str) -> None:
    """Have the evidence graded by whoever may give that grade."""
    if level in {"V3", "V4"}:
        vendor.call("POST", f"/v1/submissions/{submission}/grants", {"grantee": auditor.id, "purpose": "Audit"})
        count = grade(auditor, submission, level, "Ida Marr")
        tell(f"{auditor.name}, given access by the vendor, grades {count} x {level}")
    elif level == "V2":
        count = grade(investor, submission, level, "Tomas Ehr")
        tell(f"a reviewer of {investor.name} reads and grades {count} x {level}")
    else:
        tell(f"nobody has read the evidence: it counts as {level}")


def print_table(outcomes: Sequence[Outcome]) -> None:
    """Print the results, one line per vendor."""
    say("Results: the worst deployment of each vendor (0 to 100, higher is worse)")
    line = "  {:<4} {:<24} {:>8} {:>8} {:>9} {:>10} {:>9}  {}"
    print(line.format("", "vendor", "buyer", "end use", "inherent", "mitigation", "residual", "result"))
    for outcome in outcomes:
        worst, company = outcome.worst, outcome.company
        figures = [worst[name] for name in ("buyer_risk", "end_use_risk", "inherent", "mitigation", "residual")]
        named = company["band"] if company["rated"] else f"not rated ({company['band_low']} to {company['band']})"
        print(line.format(outcome.case, outcome.vendor, *figures, named))


def verify_all(outcomes: Sequence[Outcome]) -> int:
    """Install the base package alone, verify every document with it, and show one report in full."""
    say("Installing the verifier alone: no database, no web framework")
    verifier = OUT / "verifier"
    subprocess.run([ROOT / "scripts" / "setup", "--base", verifier], check=True)
    command, trust = verifier / "bin" / "enduse", OUT / "trust.json"

    def verify(document: Path, *, quiet: bool) -> int:
        record = document.with_suffix(".record.json")
        arguments = [command, "verify", document, "--trust", trust, "--record", record, "--require-log"]
        return subprocess.run(arguments, check=False, capture_output=quiet, cwd="/").returncode

    codes = [verify(outcome.document, quiet=True) for outcome in outcomes]
    tell(f"{codes.count(PASSED)} of {len(codes)} documents PASSED")
    tampered = OUT / "tampered.pdf"
    data = bytearray(outcomes[0].document.read_bytes())
    data[len(data) // 2] ^= 1
    tampered.write_bytes(data)
    tampered.with_suffix(".record.json").write_bytes(outcomes[0].document.with_suffix(".record.json").read_bytes())
    broken = verify(tampered, quiet=True)
    verdict = "FAILED, as it must" if broken == FAILED else "NOT NOTICED"
    tell(f"{outcomes[0].document.name} with one bit flipped: {verdict}")
    tampered.unlink()
    tampered.with_suffix(".record.json").unlink()
    print()
    shown = outcomes[0].document.relative_to(ROOT)
    print(f"$ enduse verify {shown} --trust {trust.relative_to(ROOT)} \\")
    print(f"    --record {shown.with_suffix('.record.json')} --require-log", flush=True)
    codes.append(verify(outcomes[0].document, quiet=False))
    return 0 if broken == FAILED and set(codes) == {PASSED} else 1


def say(sentence: str) -> None:
    """Print a step."""
    print(f"\n{sentence}", flush=True)


def tell(sentence: str) -> None:
    """Print what came of it."""
    print(f"  {sentence}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""Addresses of things that exist, for every route, and what their owner would rightly send there."""

import json
from typing import Any

from fastapi.routing import APIRoute

from api import clock
from tests.definitions.own import YAML, YAML_TYPE
from tests.questionnaires.engine_2.overlays.own import overlay_json
from tests.reviews.conftest import ASKED
from tests.service import DECLARATION

CALLED = {"break-glass-accesses": "access"}
"""Things whose ids are not kept by what their address calls them."""

ASSURANCE = {
    "practitioner": {"name": "Bea Thorn", "role": "Partner"}, "standard": "ISAE 3000 (Revised)",
    "dated": clock.today().isoformat(), "level": "limited", "scope": {"kind": "whole"},
    "opinion": {"kind": "unmodified"},
}  # fmt: skip


def paths(route: APIRoute, ids: dict[str, str]) -> list[str]:
    """Return the route's addresses of things that exist and belong to others."""
    path = route.path
    if path.startswith("/v1/disclosure-requests/{"):
        found = [path.replace("{id_}", r).replace("{request_id}", r) for r in (ids["request"], ids["draft_request"])]
    elif path.startswith("/v1/submissions/{"):
        queries = {
            "compare_submissions": f"?with={ids['submission']}",
            "read_overlay_results": f"?overlay={ids['overlay']}",
        }
        query = queries.get(route.name, "")
        found = [path.replace("{id_}", s) + query for s in (ids["submission"], ids["draft_submission"])]
    elif path.startswith("/v1/organisations/{"):
        found = [path.replace("{organisation}", ids["record"]).replace("{claim}", ids["claim"])]
    elif path.startswith("/v1/questionnaire"):
        found = [questionnaire_path(path, ids)]
    elif path.startswith("/v1/overlay"):
        found = [path.replace("{name}", ids["overlay"]).replace("{id_}", ids["overlay_draft"])]
    else:
        thing = path.split("/")[2]
        found = [path.replace("{id_}", ids[CALLED.get(thing, thing.removesuffix("s"))]) if "{id_}" in path else path]
    parts = {"{evidence_id}": ids["evidence"], "{candidate_id}": ids["candidate"]}
    for part, id_ in parts.items():
        found = [address.replace(part, id_) for address in found]
    return found


def questionnaire_path(path: str, ids: dict[str, str]) -> str:
    """Return the address of one's own published questionnaire, of its draft, or of the list of them."""
    named = path.replace("{name}", ids["questionnaire"]).replace("{language}", "de")
    asked = {
        "/v1/questionnaires": "?side=own",
        "/v1/questionnaires:diff": f"?old=surveillance-hrdd&new={ids['questionnaire']}",
    }
    return named.replace("{id_}", ids["questionnaire_draft"]) + asked.get(path, "")


def body(route: APIRoute, ids: dict[str, str]) -> dict[str, Any]:
    """Return a request that would be right for the things' owner."""
    save = {"company": {"TRA-02": {"state": "not_known"}}}
    grading = {"evidence": ids["evidence"], "question": "SCP-01", "grade": "V2"}
    bodies: dict[str, Any] = {
        "issue_request": {"respondent": ids["request"], "due_on": "2099-01-01"},
        "save_answers": save,
        "validate_answers": save,
        "submit": DECLARATION,
        "grant_access": {"grantee": ids["grantee"], "purpose": "Audit"},
        "grant_attestation": {"grantee": ids["grantee"], "purpose": "Audit"},
        "propose_publication": {"level": "band"},
        "grade_evidence": {"reviewer": "X", "gradings": [grading]},
        "preview_attestation": {"submission": ids["submission"]},
        "issue_attestation": {"submission": ids["submission"]},
        "create_own_client": {"name": "more", "scopes": ["organisations:write"]},
        "rotate_client": {"overlap_seconds": 0},
        "revoke_client": {},
        "declare": {"officer": DECLARATION},
        "prepare_declaration": {"officer": DECLARATION},
        "give_assurance": ASSURANCE,
        "prepare_assurance": ASSURANCE,
        "withdraw_countersignature": {"reason": "X"},
        "revoke_attestation": {"reason": "issued_in_error"},
        "join_record": {"token": "A" * 43},
        "approve_claim": {"reason": "X"},
        "merge_entries": {"into": ids["grantee"], "reason": "X"},
        "choose_retention": {"exports": 7},
        "ask_for_screening": {},
        "confirm_candidate": {"reason": "Same place, same body."},
        "dismiss_candidate": {"reason": "Another place, another body."},
        "choose_setting": {"outside": True},
        "carry_answers": {"submission": ids["submission"]},
        "translate_questionnaire": {"texts": {"/title": {"source": "Staff and policy", "text": "X"}}},
        "erase": {"what": "organisation", "organisation": ids["investor"], "reason": "We leave."},
        "open_review": ASKED,
        "settle": {"not_applicable": {"question": "GOV-01"}, "verdict": "accepted", "reason": "X"},
        "reply_to_review": {"reply": "X"},
        "decide_review": {"verdict": "dismissed", "reason": "X"},
        "list_holidays": {"holidays": ["2099-01-01"]},
        "ask_for_rescoring": {"criteria": "surveillance-hrdd-criteria@2", "context": "exercise"},
        "request_access": {"organisation": ids["grantee"], "submission": ids["submission"], "minutes": 9,
                           "reason": "A reason of some length"},
    }  # fmt: skip
    by_a_person = any(part in route.path for part in ("break-glass", "candidate", "countersignatures", "assurances"))
    person = {"headers": {"Enduse-Acting-Person": "Ines"}} if by_a_person else {}
    if route.name == "attach_evidence":
        description = json.dumps({"about": [{"question": "TRA-02"}]})
        return {"files": {"file": ("x.txt", b"x")}, "data": {"description": description}}
    if route.name in {"create_draft", "replace_draft"}:
        return {"content": YAML.encode(), "headers": YAML_TYPE | {"If-Match": "*"}}
    if route.name in {"create_overlay_draft", "replace_overlay_draft"}:
        return {"json": overlay_json(bands={"severe": 70}), "headers": {"If-Match": "*"}}
    if route.name in bodies:
        return {"json": bodies[route.name], **person}
    return person

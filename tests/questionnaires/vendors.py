"""Three invented vendors and what they answer where it decides which questions are asked; more is not stated."""

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]
Facts = Mapping[str, Mapping[str, Any]]

QUIET_PRODUCT: Facts = {
    "PRD-01": {"types": ["T06"]},
    "PRD-02": {"covert": "no"},
    "PRD-03": {"matching": "none"},
    "PRD-05": {"traits": "none"},
    "PRD-06": {"emotion": "no"},
    "EXP-01": {"listed": "not_listed", "decided_by": "adviser"},
}
QUIET_DEPLOYMENT: Facts = {
    "PRD-10": {"system_types": []},
    "BUY-01": {"kind": "K01", "end_user_known": "yes", "area": "XA", "channel": "direct", "units": 40},
    "BUY-07": {"passed_on": "none_checked"},
    "BUY-08": {"control": "none_checked"},
    "EXP-09": {"listing": "none_checked"},
    "CTX-01": {"law": "yes"},
    "CTX-02": {"authorisation": "no"},
    "CTX-03": {"oversight": "yes"},
    "CTX-04": {"remedy": "yes"},
    "CTX-06": {"situation": "none"},
    "USE-01": {"stated": ["U01"], "expected": ["U01", "U03"]},
    "USE-02": {"circle": "site"},
    "USE-03": {"places": ["work"]},
    "USE-06": {"effect": "opens_own_door"},
    "USE-07": {"groups": "none_checked"},
    "USE-08": {"assemblies": "no"},
    "USE-19": {"names_group": "no_checked"},
    "USE-21": {"defenders": "none_checked"},
    "REC-01": {"strength": "none_searched", "link": "none"},
}
QUIET_COMPANY: Facts = {
    "OWN-01": {"holders": [], "state_tie": "none_checked"},
    "OWN-03": {"share": 100, "amount": {"amount": "2400000", "currency": "EUR"}},
    "GOV-01": {"policy": "yes", "public": "yes"},
    "GOV-06": {"stop": "independent"},
    "EXP-04": {"notice": "nothing_to_notify"},
    "EXP-08": {"detour": "none_checked"},
    "EXP-10": {"after_refusal": "no_refusal"},
    "MON-02": {"confirmed": 0, "acted": 0, "days": 0},
    "MON-09": {"received": 0, "examined": 0, "undecided": 0},
    "REM-01": {"open_to": "public"},
    "REM-06": {"proceedings": "none_checked"},
    "REC-07": {"reports": 0, "searched": "all_languages"},
    "INV-05": {"open_demands": "no"},
}


def camera_maker() -> Document:
    """Make cameras with twenty people, and sell them to shops in a quiet place."""
    return _document(QUIET_COMPANY, {"p1": QUIET_PRODUCT}, {"d1": QUIET_DEPLOYMENT})


def export_maker() -> Document:
    """Make a listed analysis product and a camera, and sell both abroad through partners."""
    listed = QUIET_PRODUCT | {
        "PRD-01": {"types": ["T07", "T12"]},
        "EXP-01": {"listed": "listed", "decided_by": "authority"},
    }
    partner = QUIET_DEPLOYMENT["BUY-01"]
    police = _without_police_link() | {"BUY-01": partner | {"kind": "K10", "area": "XB", "channel": "partner"}}
    shop = QUIET_DEPLOYMENT | {"BUY-01": partner | {"channel": "partner"}}
    company = QUIET_COMPANY | {"EXP-04": {"notice": "notified_and_stopped"}}
    return _document(company, {"p1": listed, "p2": QUIET_PRODUCT}, {"d1": police, "d2": shop}, {"d2": "p2"})


def interceptor() -> Document:
    """Sell interception and intrusion software to an intelligence service; two reports, and open demands."""
    product = QUIET_PRODUCT | {
        "PRD-01": {"types": ["T09", "T10"]},
        "PRD-02": {"covert": "design"},
        "EXP-01": {"listed": "listed", "decided_by": "authority"},
    }
    deployment = _without_police_link() | {
        "BUY-01": QUIET_DEPLOYMENT["BUY-01"] | {"kind": "K13", "area": "XC"},
        "USE-21": {"defenders": "alleged"},
        "REC-01": {"strength": "repeated_or_official", "link": "same_buyer_or_place"},
    }
    company = QUIET_COMPANY | {
        "MON-02": {"confirmed": 1, "acted": 1, "days": 40},
        "MON-09": {"received": 9, "examined": 4, "undecided": 5},
        "REC-07": {"reports": 2, "searched": "some_languages"},
        "INV-05": {"open_demands": "yes"},
    }
    made = _document(company, {"p1": product}, {"d1": deployment})
    named = {"i1": "d1", "i2": None}
    made["incident"] = {row: {"name": row, "deployment": where, "answers": {}} for row, where in named.items()}
    return made


def _without_police_link() -> dict[str, Any]:
    """Return a deployment's facts less the question that is not put where the end user is police itself."""
    return {question: value for question, value in QUIET_DEPLOYMENT.items() if question != "BUY-07"}


def changed(document: Document, group: str, row: str, facts: Facts) -> Document:
    """Return the document with other answers in one row; a fact of None leaves the question open."""
    made = {**document, group: {**document[group]}}
    here = made["company"] if group == "company" else {**made[group][row], "answers": {**made[group][row]["answers"]}}
    answers = here if group == "company" else here["answers"]
    for question, value in facts.items():
        answers[question] = {"state": "answered", "value": dict(value)} if value else {"state": "not_known"}
    if group != "company":
        made[group][row] = here
    return made


def _document(
    company: Facts, products: Mapping[str, Facts], deployments: Mapping[str, Facts], of: Any = None
) -> Document:
    return {
        "company": _answers(company),
        "product": {row: {"name": row, "answers": _answers(facts)} for row, facts in products.items()},
        "deployment": {
            row: {"name": row, "product": (of or {}).get(row, "p1"), "answers": _answers(facts)}
            for row, facts in deployments.items()
        },
    }


def _answers(facts: Facts) -> dict[str, Any]:
    return {question: {"state": "answered", "value": dict(value)} for question, value in facts.items()}

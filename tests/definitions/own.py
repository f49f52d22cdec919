"""Questionnaires of an investor's own: a small one in YAML, and shipped ones with a section more."""

import copy
from typing import Any

from questionnaires import library
from questionnaires.revisions import revision_digest, revision_json
from tests.service import Party, due

YAML = """\
id: staff-policy
revision: 1
title: Staff and policy
language: en
introduction: We ask every company that we hold, once a year.
sections:
  - code: A
    title: Policy
    questions:
      - id: GOV-01
        per: company
        text: Do you have a human rights policy?
        help: A policy about your own staff alone is a "no" here.
        why: A commitment that nobody has made binds nobody.
        evidence_expected: The policy with its date.
        references:
          - {framework: UN Guiding Principles on Business and Human Rights, locator: principle 16, checked: true}
        feeds: [context]
        fields:
          policy: {kind: yes_partial_no, label: The policy}
"""
YAML_TYPE = {"Content-Type": "application/yaml"}
DRAFTS = "/v1/questionnaire-drafts"
EXTRA: dict[str, Any] = {
    "id": "XTR-01", "per": "company", "text": "Which office of yours answers our letters?",
    "help": "Name the office, not a person.", "why": "We write to you four times a year.",
    "evidence_expected": "None is needed.", "feeds": ["context"],
    "references": [{"framework": "Our stewardship policy", "locator": "paragraph 4", "checked": True}],
    "fields": {"office": {"kind": "one", "label": "The office", "choices": {"legal": "Legal", "other": "Other"}}},
}  # fmt: skip


def extension(revision: str = "1", relation: str = "extends", **more: Any) -> dict[str, Any]:
    """Return the JSON of a questionnaire that holds a shipped revision unchanged, and asks one question more."""
    base = library.find(library.questionnaires(), f"surveillance-hrdd@{revision}")
    assert base is not None
    whole = revision_json(base)
    section = {"code": "Z", "title": "Our letters", "questions": [copy.deepcopy(EXTRA)]}
    derived = {"digest": revision_digest(base), "relation": relation}
    sections = [*whole["sections"], section]
    return {
        **whole,
        "id": "our-questions",
        "title": "Our questions",
        "derived_from": derived,
        "sections": sections,
        **more,
    }


def draft(investor: Party, body: Any) -> str:
    """Return the path of a new draft, in YAML where the body is a text."""
    if isinstance(body, str):
        answer = investor.send("POST", DRAFTS, content=body.encode(), headers=YAML_TYPE)
    else:
        answer = investor.post(DRAFTS, body)
    assert answer.status_code == 201, answer.text
    return f"{DRAFTS}/{answer.json()['id']}"


def publish(investor: Party, body: Any) -> dict[str, Any]:
    """Return a revision just published."""
    answer = investor.post(f"{draft(investor, body)}:publish")
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def ask(investor: Party, vendor: Party, questionnaire: str, **more: Any) -> dict[str, Any]:
    """Return a request with a questionnaire, scored in the places of the exercise."""
    asked = {"respondent": vendor.id, "questionnaire": questionnaire, "context": "exercise", "due_on": due(), **more}
    answer = investor.post("/v1/disclosure-requests", asked)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made

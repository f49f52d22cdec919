"""The wire form of what the registry shows."""

from typing import Any, cast

from api.publication.printable import write_out
from api.publication.registry import Listed
from api.publication.registry_schemas import (
    PublishedOut,
    RegistryCoverage,
    RegistryLinks,
    RegistryParty,
    RegistryQuestionnaire,
    RegistryRedLine,
    RegistryResult,
    Status,
)
from questionnaires.scales import BandName


def show(listed: Listed, base_url: str) -> PublishedOut:
    """Return the wire form of a published entry: its check holds that nothing is missing."""
    entry: Any = listed.entry
    company, coverage = entry.result["company"], entry.result["coverage"]
    address, rated = f"{base_url}/v1/registry/{entry.id}", company["rated"]
    low, high = cast("BandName", company["band_low"]), cast("BandName", company["band"])
    return PublishedOut(
        id=entry.id, published_at=entry.published_at, level=entry.level,
        issuer=RegistryParty(id=entry.issuer_id, name=write_out(entry.issuer)),
        respondent=RegistryParty(id=entry.respondent_id, name=write_out(entry.respondent)),
        attestation=entry.attestation_id, statement=entry.statement,
        questionnaire=RegistryQuestionnaire(
            id=write_out(entry.questionnaire_id), revision=write_out(entry.questionnaire_revision),
            title=write_out(entry.questionnaire_title),
        ),
        issued_at=entry.issued_at, valid_until=entry.valid_until, status=cast("Status", listed.status),
        age=cast("Any", listed.age),
        result=RegistryResult(
            rated=rated, printed=high if rated else f"{low} to {high}", band=high if rated else None, range_from=low,
            range_to=high, residual_from=company["residual_low"], residual_to=company["residual"],
            deployments=company["deployments"],
        ),
        coverage=RegistryCoverage(**{name: coverage[name] for name in RegistryCoverage.model_fields}),
        red_lines=[RegistryRedLine(**line) for line in entry.result.get("red_lines", ())],
        links=RegistryLinks(
            self=address, pdf=f"{address}/pdf" if entry.pdf_digest else None, bundle=f"{address}/bundle",
            record=f"{address}/record",
        ),
    )  # fmt: skip

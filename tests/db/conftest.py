"""Two investors, a vendor and an auditor, and the rows they may write, as plain SQL."""

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from sqlalchemy import text

from api import clock
from api.db.session import Sessions, TenantSession, unit_of_work
from api.ids import TenantId, uuid7

DIGEST = "sha256:" + "0" * 64
EMPTY = {"company": {}, "product": {}, "deployment": {}}
TIMES = {"now": clock.now(), "today": clock.today()}


@dataclass
class World:
    """Organisations and what they do; every statement runs as the serving role in the name of one of them."""

    sessions: Sessions
    investor: TenantId = field(default_factory=lambda: TenantId(uuid7()))
    rival: TenantId = field(default_factory=lambda: TenantId(uuid7()))
    vendor: TenantId = field(default_factory=lambda: TenantId(uuid7()))
    auditor: TenantId = field(default_factory=lambda: TenantId(uuid7()))

    def acting(self, who: TenantId | None) -> AbstractContextManager[TenantSession]:
        return unit_of_work(self.sessions, who)

    def run(self, who: TenantId | None, sql: str, **values: object) -> list[tuple]:
        """Run one statement and commit; return its rows, or for a change one row with the count."""
        with self.acting(who) as session:
            result = session.execute(text(sql), TIMES | values)
            rows = [tuple(row) for row in result] if result.returns_rows else [(result.rowcount,)]
            session.commit()
        return rows

    def count(self, who: TenantId | None, table: str) -> int:
        return self.run(who, f"select count(*) from {table}")[0][0]

    def found(self) -> None:
        for who in (self.investor, self.rival, self.vendor, self.auditor):
            sql = "insert into organisation (id, name, roles, created_at) values (:id, :name, array['vendor'], :now)"
            self.run(None, sql, id=who, name=f"Organisation {who}")

    def request(self, issuer: TenantId | None = None, vendor: TenantId | None = None) -> UUID:
        sql = """insert into disclosure_request (tenant_id, id, respondent_id, submission_id, questionnaire_id,
            questionnaire_digest, criteria_digest, context_digest, issued_at, due_on, note)
            values (:me, :id, :vendor, :id, 'q', :digest, :digest, :digest, :now, :today, '')"""
        id_, me = uuid7(), issuer or self.investor
        self.run(me, sql, me=me, id=id_, vendor=vendor or self.vendor, digest=DIGEST)
        return id_

    def submission(self, request: UUID, writer: TenantId | None = None, **differences: object) -> UUID:
        sql = """insert into submission (tenant_id, id, issuer_id, request_id, answers, version, saved_at, sealed_at)
            values (:tenant, :id, :issuer, :request, cast(:answers as jsonb), :version, :now, :sealed_at)"""
        values = {
            "tenant": self.vendor,
            "id": uuid7(),
            "issuer": self.investor,
            "request": request,
            "answers": json.dumps(EMPTY),
            "version": 0,
            "sealed_at": None,
        } | differences
        self.run(writer or self.investor, sql, **values)
        return values["id"]

    def draft(self) -> UUID:
        return self.submission(self.request())

    def seal(self, submission: UUID, who: TenantId | None = None) -> int:
        sql = """update submission set sealed_at = :now, sealed = '{}', leaves = '[]', version = version + 1
            where id = :id"""
        return self.run(who or self.vendor, sql, id=submission)[0][0]

    def sealed(self) -> UUID:
        submission = self.draft()
        assert self.seal(submission) == 1
        return submission

    def attach(self, submission: UUID, who: TenantId | None = None) -> UUID:
        sql = """insert into evidence (tenant_id, id, submission_id, file_digest, file_name,
            media_type, size, attached_at)
            values (:me, :id, :submission, :digest, 'a.pdf', 'application/pdf', 1, :now)"""
        id_, me = uuid7(), who or self.vendor
        self.run(me, sql, me=me, id=id_, submission=submission, digest=DIGEST)
        about = """insert into evidence_about (tenant_id, submission_id, evidence_id, question, row_id)
            values (:me, :submission, :id, 'GOV-01', '')"""
        self.run(me, about, me=me, id=id_, submission=submission)
        return id_

    def grade(self, who: TenantId, submission: UUID, evidence: UUID, *, name: TenantId | None = None) -> None:
        sql = """insert into grading (tenant_id, id, submission_tenant_id, submission_id, evidence_id, question, row_id,
            grade, note, graded_at) values (:me, :id, :vendor, :submission, :evidence, 'GOV-01', '', 'V2', '', :now)"""
        ids = {"me": name or who, "id": uuid7(), "vendor": self.vendor, "submission": submission, "evidence": evidence}
        self.run(who, sql, **ids)

    def grant(self, submission: UUID, grantee: TenantId, *, expires_at: object = None) -> UUID:
        sql = """insert into access_grant
            (tenant_id, id, submission_id, grantee_id, purpose, granted_at, expires_at, level, made_by)
            values (:me, :id, :submission, :grantee, '', :now, :expires_at, 'all', 'vendor')"""
        ids = {"me": self.vendor, "id": uuid7(), "submission": submission, "grantee": grantee}
        self.run(self.vendor, sql, **ids, expires_at=expires_at)
        return ids["id"]

    def attest(self, submission: UUID, who: TenantId | None = None) -> UUID:
        sql = """insert into attestation (tenant_id, id, respondent_id, submission_id, statement, bundle, issued_at)
            values (:me, :id, :vendor, :submission, '', '', :now)"""
        id_, me = uuid7(), who or self.investor
        self.run(me, sql, me=me, id=id_, vendor=self.vendor, submission=submission)
        return id_


@pytest.fixture
def world(sessions: Sessions) -> World:
    """Return four organisations in a fresh database."""
    made = World(sessions)
    made.found()
    return made

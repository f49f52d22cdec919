"""What one tenant may see and do of another's, asked of the database itself: no service stands in between."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from api import clock
from api.ids import TenantId, uuid7

SHARED = ("disclosure_request", "submission", "evidence", "evidence_about", "grading", "attestation", "access_grant")
REFUSED = "row-level security"
DENIED = "permission denied"


@pytest.fixture
def filled(world):
    """Return a world with at least one row in every table."""
    submission = world.draft()
    evidence = world.attach(submission)
    sql = """insert into submission_revision (tenant_id, id, submission_id, version, delta, saved_at, client_id)
        values (:me, :id, :submission, 1, '{}', :now, :id)"""
    world.run(world.vendor, sql, me=world.vendor, id=uuid7(), submission=submission)
    world.seal(submission)
    world.grant(submission, world.auditor)
    world.grade(world.auditor, submission, evidence)
    world.attest(submission)
    client = """insert into oauth_client (tenant_id, id, name, secret_digest, scopes, created_at)
        values (:me, :id, 'c', repeat('0', 64), array['a'], :now)"""
    world.run(world.investor, client, me=world.investor, id=uuid7())
    return world


@pytest.mark.parametrize("table", [*SHARED, "submission_revision", "oauth_client"])
def test_without_a_tenant_and_for_a_stranger_there_is_nothing(filled, table: str) -> None:
    assert filled.count(None, table) == 0
    assert filled.count(filled.rival, table) == 0
    assert filled.count(TenantId(uuid7()), table) == 0


def test_no_join_of_two_tables_shows_a_stranger_a_row(filled) -> None:
    tables = [*SHARED, "submission_revision", "oauth_client", "audit_entry", "access_record"]
    for first in tables:
        for second in tables:
            for who in (None, filled.rival):
                query = f"select count(*) from {first} a full join {second} b on a.tenant_id = b.tenant_id"
                assert filled.run(who, query) == [(0,)], (first, second)


def test_each_party_sees_what_is_meant_for_it(filled) -> None:
    seen = {
        name: [filled.count(getattr(filled, name), table) for table in SHARED]
        for name in ("investor", "vendor", "auditor")
    }
    assert seen == {"investor": [1, 1, 1, 1, 1, 1, 0], "vendor": [1] * 7, "auditor": [0, 1, 1, 1, 1, 0, 1]}


def test_the_history_is_the_vendors_alone(filled) -> None:
    counts = {who: filled.count(who, "submission_revision") for who in (filled.vendor, filled.investor, filled.auditor)}
    assert counts == {filled.vendor: 1, filled.investor: 0, filled.auditor: 0}


def test_a_draft_is_invisible_to_its_issuer_until_sealed(world) -> None:
    submission = world.draft()
    world.attach(submission)
    world.grant(submission, world.auditor)
    for table in ("submission", "evidence", "evidence_about"):
        assert world.count(world.vendor, table) == 1
        assert world.count(world.investor, table) == world.count(world.auditor, table) == 0
    world.seal(submission)
    for table in ("submission", "evidence", "evidence_about"):
        assert world.count(world.investor, table) == world.count(world.auditor, table) == 1
        assert world.count(world.rival, table) == 0


def test_a_sealed_submission_never_changes(world) -> None:
    submission = world.sealed()
    assert world.seal(submission) == 0
    assert world.run(world.vendor, "update submission set answers = '{}'") == [(0,)]
    assert world.run(world.vendor, "update submission set sealed_at = null, sealed = null, leaves = null") == [(0,)]
    for who in (world.vendor, world.investor):
        with pytest.raises(ProgrammingError, match=DENIED):
            world.run(who, "delete from submission")


def test_the_issuer_cannot_touch_the_draft(world) -> None:
    submission = world.draft()
    assert world.seal(submission, world.investor) == 0
    assert world.run(world.investor, "update submission set version = 7") == [(0,)]


def test_nobody_moves_a_submission_to_another_owner(world) -> None:
    world.draft()
    for column in ("tenant_id", "issuer_id", "request_id", "id"):
        with pytest.raises(ProgrammingError, match=DENIED):
            world.run(world.vendor, f"update submission set {column} = :id", id=world.rival)


@pytest.mark.parametrize(
    "differences",
    [
        {"answers": '{"company": {"GOV-01": {"state": "not_known"}}, "product": {}, "deployment": {}}'},
        {"answers": "{}"},
        {"version": 1},
        {"sealed_at": clock.now()},
    ],
)
def test_issuing_makes_an_empty_draft_and_nothing_else(world, differences: dict) -> None:
    request = world.request()
    with pytest.raises(DBAPIError):
        world.submission(request, **differences)
    world.submission(request)


def test_a_request_has_one_submission(world) -> None:
    request = world.request()
    world.submission(request)
    with pytest.raises(IntegrityError, match="uq_submission_tenant_id_issuer_id_request_id"):
        world.submission(request)


def test_a_forged_party_is_refused(world) -> None:
    request = world.request()
    with pytest.raises(IntegrityError, match="foreign key"):  # somebody who was not asked
        world.submission(request, tenant=world.auditor)
    with pytest.raises(ProgrammingError, match=REFUSED):  # in the name of the one who asked
        world.submission(request, world.rival)
    with pytest.raises(IntegrityError, match="foreign key"):  # a request of somebody else as one's own
        world.submission(request, world.rival, issuer=world.rival)
    with pytest.raises(IntegrityError, match="foreign key"):  # an unknown request gives the same answer
        world.submission(uuid7(), world.rival, issuer=world.rival)


def test_only_the_issuer_changes_a_request_and_only_its_terms(world) -> None:
    world.request()
    later = clock.today() + timedelta(days=30)
    assert world.run(world.vendor, "update disclosure_request set due_on = :d", d=later) == [(0,)]
    assert world.run(world.investor, "update disclosure_request set due_on = :d", d=later) == [(1,)]
    for column in ("questionnaire_digest", "criteria_digest", "context_digest", "respondent_id"):
        with pytest.raises(ProgrammingError, match=DENIED):
            world.run(world.investor, f"update disclosure_request set {column} = {column}")
    with pytest.raises(ProgrammingError, match=DENIED):
        world.run(world.investor, "delete from disclosure_request")


def test_nobody_writes_in_the_name_of_another(world) -> None:
    request = """insert into disclosure_request select :other, :id, :vendor, :id, 'q', :digest, null, :digest, :digest,
        :now, :today, ''"""
    digest = "sha256:" + "0" * 64
    with pytest.raises(ProgrammingError, match=REFUSED):
        world.run(world.rival, request, other=world.investor, id=uuid7(), vendor=world.vendor, digest=digest)


def test_evidence_belongs_to_a_draft(world) -> None:
    submission = world.draft()
    evidence = world.attach(submission)
    with pytest.raises(DBAPIError):
        world.attach(submission, world.investor)
    world.seal(submission)
    with pytest.raises(IntegrityError, match="not an open draft"):
        world.attach(submission)
    for sql in ("delete from evidence_about", "delete from evidence"):
        with pytest.raises(IntegrityError, match="not an open draft"):
            world.run(world.vendor, sql)
    assert world.run(world.investor, "select id from evidence") == [(evidence,)]


def test_evidence_can_be_taken_back_from_a_draft(world) -> None:
    world.attach(world.draft())
    assert world.run(world.vendor, "delete from evidence_about") == [(1,)]
    assert world.run(world.vendor, "delete from evidence") == [(1,)]


def test_the_history_ends_with_the_seal(world) -> None:
    submission, draft = world.draft(), world.draft()
    sql = """insert into submission_revision (tenant_id, id, submission_id, version, delta, saved_at, client_id)
        values (:me, :id, :submission, 9, '{}', :now, :id)"""
    for where in (submission, draft):
        world.run(world.vendor, sql, me=world.vendor, id=uuid7(), submission=where)
    world.seal(submission)
    with pytest.raises(IntegrityError, match="not an open draft"):
        world.run(world.vendor, sql, me=world.vendor, id=uuid7(), submission=submission)
    with pytest.raises(ProgrammingError, match=DENIED):
        world.run(world.vendor, "update submission_revision set version = 1")
    assert world.run(world.vendor, "delete from submission_revision") == [(1,)]  # the draft's
    assert world.run(world.vendor, "select submission_id from submission_revision") == [(submission,)]


def test_nothing_slips_in_beside_the_seal(world) -> None:
    """A seal waits for evidence that is being attached, so it never commits between the check and the row."""
    submission = world.draft()
    sealing = threading.Thread(target=world.seal, args=[submission])
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like 'update submission%'"
    with world.acting(world.vendor) as session:
        session.execute(
            text("""insert into evidence select :me, :id, :submission, 'sha256:' || repeat('0', 64), 'a', 'b', 1, null,
                null, now()"""),
            {"me": world.vendor, "id": uuid7(), "submission": submission},
        )
        sealing.start()
        while sealing.is_alive() and not session.scalar(text(waiting)):
            session.execute(text("select pg_stat_clear_snapshot()"))
        assert sealing.is_alive()
        session.commit()
    sealing.join(10)
    assert world.count(world.investor, "evidence") == 1


def test_grades_come_from_those_who_see_the_submission_never_from_the_vendor(world) -> None:
    submission = world.draft()
    evidence = world.attach(submission)
    with pytest.raises(ProgrammingError, match=REFUSED):
        world.grade(world.investor, submission, evidence)  # not sealed yet
    world.seal(submission)
    world.grade(world.investor, submission, evidence)
    with pytest.raises(IntegrityError, match="not_by_the_vendor"):
        world.grade(world.vendor, submission, evidence)
    with pytest.raises(ProgrammingError, match=REFUSED):
        world.grade(world.vendor, submission, evidence, name=world.investor)
    with pytest.raises(ProgrammingError, match=REFUSED):
        world.grade(world.rival, submission, evidence)
    with pytest.raises(IntegrityError, match="foreign key"):
        world.grade(world.investor, submission, uuid7())
    for sql in ("update grading set grade = 'V4'", "delete from grading"):
        with pytest.raises(ProgrammingError, match=DENIED):
            world.run(world.investor, sql)


def test_a_grant_shows_a_sealed_submission_until_revoked_or_expired(world) -> None:
    submission = world.sealed()
    grant = world.grant(submission, world.auditor)
    world.grant(submission, world.rival, expires_at=clock.now() - timedelta(seconds=1))
    assert world.count(world.auditor, "submission") == 1
    assert world.count(world.rival, "submission") == 0
    revoke = "update access_grant set revoked_at = :now where id = :id"
    assert world.run(world.auditor, revoke, id=grant) == [(0,)]
    assert world.run(world.vendor, revoke, id=grant) == [(1,)]
    assert world.count(world.auditor, "submission") == 0
    assert world.run(world.vendor, "update access_grant set revoked_at = null where id = :id", id=grant) == [(0,)]
    with pytest.raises(IntegrityError, match="foreign key"):
        world.grant(uuid7(), world.auditor)


def test_an_attestation_needs_the_issuers_sealed_submission_and_is_completed_once(world) -> None:
    submission = world.draft()
    with pytest.raises(ProgrammingError, match=REFUSED):
        world.attest(submission)
    world.seal(submission)
    world.grant(submission, world.auditor)
    with pytest.raises(IntegrityError, match="foreign key"):
        world.attest(submission, world.auditor)  # sees it, but did not ask for it
    world.attest(submission)
    done = "update attestation set pdf_digest = :digest, pdf_size = 1, sealed_at = :now"
    digest = "sha256:" + "1" * 64
    assert world.run(world.vendor, done, digest=digest) == [(0,)]
    assert world.run(world.investor, done, digest=digest) == [(1,)]
    assert world.run(world.investor, done, digest=digest) == [(0,)]
    for sql in ("update attestation set statement = 'x'", "delete from attestation"):
        with pytest.raises(ProgrammingError, match=DENIED):
            world.run(world.investor, sql)


def test_a_client_is_found_by_its_id_alone_and_through_nothing_else(world) -> None:
    id_ = uuid7()
    sql = """insert into oauth_client (tenant_id, id, name, secret_digest, scopes, created_at)
        values (:me, :id, 'c', repeat('0', 64), array['a', 'b'], :now)"""
    world.run(world.investor, sql, me=world.investor, id=id_)
    found = "select tenant_id, id, scopes, revoked_at, roles from find_client(:id)"
    assert world.run(None, found, id=id_) == [(world.investor, id_, ["a", "b"], None, ["vendor"])]
    assert world.run(None, found, id=uuid7()) == []
    with pytest.raises(ProgrammingError, match=DENIED):
        world.run(None, "set role enduse_system")


def test_a_setting_that_is_no_tenant_fails_instead_of_showing_everything(filled) -> None:
    with filled.acting(None) as session:
        session.execute(text("select set_config('app.tenant', 'x', true)"))
        with pytest.raises(DBAPIError, match="uuid"):
            session.execute(text("select * from submission"))
    with filled.acting(None) as session:
        session.execute(text("set local row_security = off"))
        with pytest.raises(ProgrammingError, match=REFUSED):
            session.execute(text("select * from submission"))


PUBLISH = """insert into access_grant (tenant_id, id, submission_id, grantee_id, purpose, granted_at, expires_at, level,
    made_by, attestation_tenant_id, attestation_id) values (:me, :id, :submission, :grantee, '', :now, :expires_at,
    :level, 'vendor', :investor, :attestation)"""


def publish(world, submission, attestation, who=None, *, grantee=None, expires_at=None, level="published") -> object:
    """Grant an attestation, as the vendor unless somebody else is named."""
    id_, me = uuid7(), who or world.vendor
    ids = {"me": me, "id": id_, "submission": submission, "grantee": grantee or world.auditor, "level": level}
    world.run(me, PUBLISH, **ids, expires_at=expires_at, investor=world.investor, attestation=attestation)
    return id_


def test_a_grant_shows_one_attestation_until_revoked_or_expired(world) -> None:
    submission = world.sealed()
    granted, other = world.attest(submission), world.attest(submission)
    seen = "select id from attestation order by id"
    assert world.run(world.auditor, seen) == []
    grant = publish(world, submission, granted)
    publish(world, submission, other, grantee=world.rival, expires_at=clock.now() - timedelta(seconds=1))
    assert world.run(world.auditor, seen) == [(granted,)]
    assert world.run(world.rival, seen) == world.run(None, seen) == []
    assert world.count(world.auditor, "submission") == 0
    assert world.run(world.auditor, "update attestation set pdf_size = 1") == [(0,)]
    assert world.run(world.vendor, "update access_grant set revoked_at = :now where id = :id", id=grant) == [(1,)]
    assert world.run(world.auditor, seen) == []
    assert world.run(world.investor, seen) == world.run(world.vendor, seen) == [(granted,), (other,)]


def test_nobody_but_its_vendor_grants_an_attestation(world) -> None:
    submission = world.sealed()
    attestation, foreign = world.attest(submission), world.draft()
    for who in (world.investor, world.rival):  # in their own name: it does not speak of them
        with pytest.raises(IntegrityError, match="foreign key"):
            publish(world, submission, attestation, who)
    with pytest.raises(IntegrityError, match="foreign key"):  # it is of another submission
        publish(world, foreign, attestation)
    with pytest.raises(IntegrityError, match="foreign key"):  # there is none
        publish(world, submission, uuid7())
    with pytest.raises(IntegrityError, match="published_attestation"):  # not with the submission behind it
        publish(world, submission, attestation, level="all")
    with pytest.raises(ProgrammingError, match=REFUSED):  # in the vendor's name
        world.run(world.investor, PUBLISH, me=world.vendor, id=uuid7(), submission=submission, grantee=world.auditor,
                  expires_at=None, level="published", investor=world.investor, attestation=attestation)  # fmt: skip


def test_readings_are_told_in_ones_own_name_and_only_of_what_one_may_read(world) -> None:
    submission = world.sealed()
    granted, other = world.attest(submission), world.attest(submission)
    publish(world, submission, granted)
    sql = """insert into access_record (tenant_id, id, submission_id, reader_id, what, at, attestation_id)
        values (:vendor, :id, :submission, :reader, :what, :now, :attestation)"""

    def tell(who: TenantId, what: str, attestation: object, reader: TenantId | None = None) -> None:
        ids = {"vendor": world.vendor, "id": uuid7(), "submission": submission, "reader": reader or who}
        world.run(who, sql, what=what, attestation=attestation, **ids)

    tell(world.auditor, "pdf", granted)
    for who, what, attestation in (
        (world.auditor, "pdf", other), (world.rival, "pdf", granted), (world.auditor, "answers", None),
        (world.rival, "answers", None),
    ):  # fmt: skip
        with pytest.raises(ProgrammingError, match=REFUSED):
            tell(who, what, attestation)
    with pytest.raises(ProgrammingError, match=REFUSED):
        tell(world.rival, "pdf", granted, world.auditor)
    with pytest.raises(IntegrityError, match="of_an_attestation"):
        tell(world.auditor, "answers", granted)
    assert world.count(world.vendor, "access_record") == 1


def test_sealing_grants_to_the_issuer_alone_and_for_good(world) -> None:
    draft, submission = world.draft(), world.sealed()
    sql = """insert into access_grant (tenant_id, id, submission_id, grantee_id, purpose, granted_at, level, made_by)
        values (:vendor, :id, :submission, :grantee, '', :now, 'all', 'sealing')"""
    ids = {"vendor": world.vendor, "submission": submission, "grantee": world.investor}
    for wrong in ({"grantee": world.rival}, {"submission": draft}):
        with pytest.raises(IntegrityError, match="not sealed for this grantee"):
            world.run(world.vendor, sql, id=uuid7(), **ids | wrong)
    with pytest.raises(ProgrammingError, match=REFUSED):
        world.run(world.investor, sql, id=uuid7(), **ids)
    world.run(world.vendor, sql, id=uuid7(), **ids)
    with pytest.raises(IntegrityError, match="uq_access_grant_sealing"):
        world.run(world.vendor, sql, id=uuid7(), **ids)
    assert world.run(world.vendor, "update access_grant set revoked_at = :now") == [(0,)]

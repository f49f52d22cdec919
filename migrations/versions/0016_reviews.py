"""Reviews: what reviewers of the asking investor decide about red lines, the vendor's replies; assessments that are kept.

The investor's rows are its decisions, the vendor's its replies; each reads the other's. Decisions are a chain per
subject: each names the one it replaces, none is ever changed, and before a red line is confirmed or dismissed the vendor
has replied or its time to reply is over. The clock is the database's.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.tables import OWN, Update, both_parties, digest, moment, tenant_table, text, uuid

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

VERDICTS = """(kind = 'red_line' and verdict in ('open', 'confirmed', 'dismissed'))
    or (kind <> 'red_line' and verdict in ('accepted', 'withdrawn'))"""
NO_PERSON = f"{OWN} and person is null"

# 20 working days never take fewer than 26 days.
GUARD = """
create function guard_review_decision() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
    today date := (now() at time zone 'UTC')::date;
    last record;
    opening record;
begin
    if new.person is null then
        raise exception 'a decision has a person' using errcode = 'check_violation', constraint = 'decided_by_somebody';
    end if;
    new.decided_at := now();
    new.decided_on := today;
    select d.id, d.number, d.verdict, d.review_id into last from review_decision d
        where d.tenant_id = new.tenant_id and d.submission_id = new.submission_id
            and d.kind = new.kind and d.subject = new.subject
        order by d.number desc limit 1;
    if last is null then
        if new.number <> 1 or new.review_id <> new.id or new.verdict not in ('open', 'accepted') then
            raise exception 'a chain begins with its opening' using errcode = 'check_violation', constraint = 'chain';
        end if;
    elsif new.number <> last.number + 1 or new.replaces is distinct from last.id or new.review_id <> last.review_id
        or (new.verdict in ('open', 'accepted', 'withdrawn') and new.verdict = last.verdict) then
        raise exception 'a decision replaces the last' using errcode = 'check_violation', constraint = 'chain';
    end if;
    if new.verdict = 'open' and new.reply_due < today + 26 then
        raise exception 'the time to reply is too short' using errcode = 'check_violation', constraint = 'reply_due';
    end if;
    if new.verdict in ('confirmed', 'dismissed') then
        select d.id, d.reply_due into opening from review_decision d
            where d.tenant_id = new.tenant_id and d.review_id = new.review_id and d.verdict = 'open'
            order by d.number desc limit 1;
        if opening.reply_due >= today and not exists (select from review_reply r
            where r.tenant_id = new.respondent_id and r.decision_id = opening.id) then
            raise exception 'the vendor may still reply' using errcode = 'check_violation', constraint = 'reply_first';
        end if;
    end if;
    return new;
end $$
"""

# Only the last opening of a review is replied to, once, and only while nothing is decided.
OPEN = """exists (select from review_decision d where d.tenant_id = review_reply.investor_id
    and d.id = review_reply.decision_id and d.verdict = 'open' and not exists (
        select from review_decision l where l.tenant_id = d.tenant_id and l.review_id = d.review_id
            and l.number > d.number))"""


def upgrade() -> None:
    _decisions()
    _replies()
    op.execute(GUARD)
    op.execute(
        "create trigger guard_review_decision before insert on review_decision "
        "for each row execute function guard_review_decision()"
    )
    tenant_table(
        "review_calendar",
        sa.Column("holidays", sa.ARRAY(sa.Date()), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        sa.CheckConstraint("cardinality(holidays) <= 400", name="holidays_bounded"),
        key=("tenant_id",),
        updates=Update(columns=["holidays"]),
    )
    _assessments()


def _decisions() -> None:
    tenant_table(
        "review_decision",
        uuid("respondent_id"),
        uuid("submission_id"),
        uuid("review_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        text("kind"),
        text("subject"),
        text("verdict"),
        text("reason"),
        sa.Column("evidence", sa.ARRAY(sa.Uuid()), nullable=False),
        text("person", nullable=True),
        moment("decided_at"),
        *(sa.Column(name, sa.Date(), nullable=name != "decided_on") for name in (
            "decided_on", "reply_due", "reported_on", "stopped_on", "lifted_on",
        )),
        uuid("replaces", nullable=True),
        sa.ForeignKeyConstraint(
            ["respondent_id", "submission_id", "tenant_id"],
            ["submission.tenant_id", "submission.id", "submission.issuer_id"],
        ),
        sa.ForeignKeyConstraint(["tenant_id", "replaces"], ["review_decision.tenant_id", "review_decision.id"]),
        sa.UniqueConstraint("tenant_id", "submission_id", "kind", "subject", "number"),
        sa.UniqueConstraint("tenant_id", "id", "submission_id", "respondent_id"),
        sa.CheckConstraint("kind in ('red_line', 'not_applicable', 'contradiction')", name="kind_known"),
        sa.CheckConstraint(VERDICTS, name="verdict_known"),
        sa.CheckConstraint("respondent_id <> tenant_id", name="not_by_the_vendor"),
        sa.CheckConstraint("(number = 1) = (replaces is null)", name="replaces_the_last"),
        sa.CheckConstraint("(verdict = 'open') = (reply_due is not null)", name="reply_due_of_opening"),
        sa.CheckConstraint("lifted_on is null or verdict = 'confirmed'", name="lifted_once_confirmed"),
        sa.CheckConstraint(
            "verdict in ('open', 'confirmed') or num_nonnulls(reported_on, stopped_on) = 0", name="dates_of_findings"
        ),
        sa.CheckConstraint("length(reason) between 1 and 2000", name="reason_given"),
        sa.Index(None, "respondent_id", "id"),
        sa.Index(None, "tenant_id", "review_id"),
        reads=both_parties("respondent_id"),
        updates=Update(columns=["person"], using=OWN, check=NO_PERSON),
    )


def _replies() -> None:
    tenant_table(
        "review_reply",
        uuid("investor_id"),
        uuid("submission_id"),
        uuid("decision_id"),
        text("reply"),
        sa.Column("evidence", sa.ARRAY(sa.Uuid()), nullable=False),
        text("person", nullable=True),
        moment("replied_at"),
        sa.ForeignKeyConstraint(
            ["investor_id", "decision_id", "submission_id", "tenant_id"],
            ["review_decision.tenant_id", "review_decision.id", "review_decision.submission_id",
             "review_decision.respondent_id"],
        ),
        sa.UniqueConstraint("tenant_id", "decision_id"),
        sa.CheckConstraint("length(reply) between 1 and 4000", name="reply_given"),
        sa.Index(None, "investor_id", "decision_id"),
        reads=both_parties("investor_id"),
        inserts=f"{OWN} and {OPEN}",
        updates=Update(columns=["person"], using=OWN, check=NO_PERSON),
    )


def _assessments() -> None:
    """Assessments that are kept beside each other, and the runs that make them; none is changed."""
    tenant_table(
        "rescoring",
        text("criteria_digest"),
        text("context_digest"),
        moment("asked_at"),
        uuid("client_id"),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("scored", sa.Integer(), nullable=False),
        sa.Column("passed_over", sa.Integer(), nullable=False),
        uuid("reached", nullable=True),
        moment("done_at", nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        digest("criteria_digest"),
        digest("context_digest"),
        updates=Update(columns=["scored", "passed_over", "reached", "done_at"], using=f"{OWN} and done_at is null"),
    )
    tenant_table(
        "assessment",
        uuid("respondent_id"),
        uuid("submission_id"),
        uuid("rescoring_id"),
        text("questionnaire_digest"),
        text("criteria_digest"),
        text("context_digest"),
        sa.Column("engine", sa.Integer(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("unconfirmed", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        text("result_digest"),
        sa.Column("result", JSONB(), nullable=False),
        moment("made_at"),
        sa.ForeignKeyConstraint(
            ["respondent_id", "submission_id", "tenant_id"],
            ["submission.tenant_id", "submission.id", "submission.issuer_id"],
        ),
        sa.ForeignKeyConstraint(["tenant_id", "rescoring_id"], ["rescoring.tenant_id", "rescoring.id"]),
        sa.UniqueConstraint("tenant_id", "submission_id", "criteria_digest", "context_digest", "assessed_on"),
        *(digest(f"{name}_digest") for name in ("questionnaire", "criteria", "context", "result")),
        sa.Index(None, "tenant_id", "rescoring_id"),
    )

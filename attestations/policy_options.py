"""The options of `enduse verify` that say what the caller asks of an attestation.

Invariant: one option per wish of a policy, and none that is not one.
"""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attestations.policy import Policy

BANDS = ("low", "moderate", "elevated", "high", "severe")
LEVELS = ("agreed-upon-procedures", "limited", "reasonable")
PERCENT = range(101)


def add_policy(parser: argparse.ArgumentParser) -> None:
    """Add the options, each of which asks for more."""
    wishes = parser.add_argument_group("what you ask beyond a genuine attestation (step 8)")
    wishes.add_argument("--issuer", metavar="ID", help="asked for by this investor")
    wishes.add_argument("--questionnaire", metavar="ID[@REVISION]", help="an answer to this questionnaire")
    wishes.add_argument("--max-age", type=int, metavar="DAYS", help="issued at most so many days ago")
    wishes.add_argument(
        "--min-coverage", type=int, choices=PERCENT, metavar="PERCENT", help="at least so many questions answered"
    )
    wishes.add_argument("--worst-band", choices=BANDS, help="a band that is not, and cannot be, worse than this")
    wishes.add_argument("--no-open-red-line", action="store_true", help="every red line dismissed by a reviewer")
    wishes.add_argument("--require-log", action="store_true", help="proven to be in a log that you trust")
    wishes.add_argument("--require-status", action="store_true", help="with a status as of the moment")
    wishes.add_argument("--require-timestamp", action="store_true", help="with a timestamp by an authority you trust")

    beside = parser.add_argument_group("what you ask of countersignatures (step 10)")
    beside.add_argument("--require-countersignature", action="store_true", help="declared by the vendor's officer")
    beside.add_argument(
        "--require-own-signature", action="store_true",
        help="declared under the vendor's own key, whose holder an organisation root of yours proves",
    )  # fmt: skip
    beside.add_argument(
        "--require-assurance", choices=LEVELS, metavar="LEVEL",
        help=f"an auditor's assurance of the whole, at least {', '.join(LEVELS[1:])}; or {LEVELS[0]}",
    )  # fmt: skip


def policy_of(arguments: argparse.Namespace) -> "Policy":
    """Return the policy that the options make."""
    from attestations.countersignatures.wishes import Wishes
    from attestations.policy import Policy

    level = arguments.require_assurance
    return Policy(
        issuer=arguments.issuer,
        questionnaire=arguments.questionnaire,
        most_days=arguments.max_age,
        least_coverage=arguments.min_coverage,
        worst_band=arguments.worst_band,
        no_open_red_line=arguments.no_open_red_line,
        log_required=arguments.require_log,
        status_required=arguments.require_status,
        timestamp_required=arguments.require_timestamp,
        beside=Wishes(
            declared=arguments.require_countersignature,
            proven=arguments.require_own_signature,
            assurance=level and level.replace("-", "_"),
        ),
    )

"""Who acts, and in the name of which organisation.

Invariant: the tenant of a request comes from its verified principal and from nowhere else: no header, path or body
names it.
"""

from dataclasses import dataclass
from enum import StrEnum

from api.ids import ClientId, OrganisationId, TenantId


class Role(StrEnum):
    """What an organisation may be; one may be several."""

    INVESTOR = "investor"
    VENDOR = "vendor"
    AUDITOR = "auditor"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The verified bearer of an access token."""

    organisation: OrganisationId
    client: ClientId
    roles: frozenset[Role]
    scopes: frozenset[str]
    person: str | None = None
    """Who acted, as the client's own systems name them; a claim of the client, not an account here."""

    def holds(self, *roles: Role) -> bool:
        """Tell whether the organisation has at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    def may(self, *scopes: str) -> bool:
        """Tell whether the token carries every one of the scopes."""
        return self.scopes.issuperset(scopes)


def tenant_of(principal: Principal) -> TenantId:
    """Return the tenant in whose name a verified principal reads and writes."""
    return principal.organisation

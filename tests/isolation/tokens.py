"""What an access token says of itself."""

import base64
import json

from tests.service import Party


def token_scopes(party: Party) -> set[str]:
    """Return the scopes of a party's token."""
    part = party.token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return set(claims["scope"].split())

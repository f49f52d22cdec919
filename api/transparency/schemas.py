"""Wire forms of the log's proofs."""

from api.http.schemas import Wire


class ConsistencyOut(Wire):
    """The hashes, in base64, that show that the newer tree begins with the older (RFC 9162, section 2.1.4)."""

    old: int
    new: int
    hashes: list[str]


class InclusionOut(Wire):
    """The hashes, in base64, that lead from an entry to the root (RFC 9162, section 2.1.3)."""

    number: int
    size: int
    hashes: list[str]

"""An outside matching service that speaks the protocol of yente: `GET /catalog` and `POST /match/{dataset}`.

Invariants: names are sent and nothing else; every wait and every size is bounded; an answer is checked whole before any
of it is used; no redirect is followed, no proxy is taken from the environment, and no name is told in an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from api import clock
from api.screening.providers import DatedList, Match, ProviderError
from questionnaires.names import NotInstalledError

if TYPE_CHECKING:
    import httpx

    from api.settings import Settings

BATCH = 50
"""Names of one call; yente takes 100 unless set otherwise."""
LIMIT = 10
LARGEST_ANSWER = 8 * 1024 * 1024
LEAST_SCORE = 7_000
"""Yente's own threshold, in ten-thousandths: below it nothing is a candidate."""
_Short = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Dataset(_Read):
    name: _Short
    title: _Short
    version: Annotated[str, StringConstraints(pattern=r"^\d{4}-?\d{2}-?\d{2}", max_length=100)] | None = None
    index_version: Annotated[str, StringConstraints(pattern=r"^\d{4}-?\d{2}-?\d{2}", max_length=100)] | None = None


class _Catalog(_Read):
    datasets: Annotated[list[_Dataset], Field(max_length=5000)]


class _Result(_Read):
    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    caption: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    score: Annotated[Decimal, Field(ge=0, le=1)]
    datasets: Annotated[list[_Short], Field(max_length=2000)] = []


class _Answer(_Read):
    status: int = 200
    results: Annotated[list[_Result], Field(max_length=LIMIT)]


class _Answers(_Read):
    responses: Annotated[dict[str, _Answer], Field(max_length=BATCH)]


Shape = TypeVar("Shape")
_CATALOG, _ANSWERS = TypeAdapter(_Catalog), TypeAdapter(_Answers)


class Yente:
    """The service at the address in the settings; opened once for a screening."""

    matcher = "yente"

    def __init__(self, settings: "Settings") -> None:
        """Open a client; raise ProviderError where no service is set, NotInstalledError without the extra."""
        try:
            import httpx
        except ModuleNotFoundError as error:
            raise NotInstalledError(f"install enduse[screening] to ask a service (missing: {error.name})") from None
        if settings.match_url is None:
            raise ProviderError("outside_not_configured")
        key = settings.match_key
        self._dataset = settings.match_dataset
        self._url = settings.match_url
        self._client = httpx.Client(
            timeout=settings.match_seconds, follow_redirects=False, trust_env=False,
            headers={} if key is None else {"Authorization": f"ApiKey {key.get_secret_value()}"},
        )  # fmt: skip
        self._patience = timedelta(seconds=settings.match_seconds)
        self._list: DatedList | None = None

    def lists(self) -> Sequence[DatedList]:
        """Return the service's dataset as one list, as of the version that it has indexed."""
        if self._list is None:
            catalog = _checked(_CATALOG, self._call("GET", "catalog"))
            found = next((one for one in catalog.datasets if one.name == self._dataset), None)
            version = None if found is None else found.index_version or found.version
            if found is None or version is None:
                raise ProviderError("outside_undated")
            self._list = DatedList(found.name, found.title, _day(version), None, "outside")
        return [self._list]

    def find(self, names: Sequence[str]) -> Sequence[Match]:
        """Return what the service finds of the names, in their order."""
        (dated,) = self.lists()
        return [match for batch in _batches(names) for match in self._find(batch, dated)]

    def _find(self, names: Sequence[str], dated: DatedList) -> Iterator[Match]:
        queries = {f"q{n}": {"schema": "LegalEntity", "properties": {"name": [name]}} for n, name in enumerate(names)}
        said = self._call("POST", f"match/{self._dataset}", {"queries": queries})
        answers = _checked(_ANSWERS, said).responses
        if answers.keys() != queries.keys() or any(answer.status != 200 for answer in answers.values()):  # noqa: PLR2004
            raise ProviderError("outside_invalid")
        for number, name in enumerate(names):
            for result in answers[f"q{number}"].results:
                score = int(result.score * 10_000)
                if score >= LEAST_SCORE:
                    yield Match(name, dated, result.id, result.caption, score)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> bytes:
        import httpx

        limits: dict[str, int | str] = {} if body is None else {"limit": LIMIT, "threshold": "0.7"}
        try:
            with self._client.stream(method, f"{self._url}/{path}", json=body, params=limits) as answer:
                return _read(answer, clock.now() + self._patience)
        except httpx.TimeoutException:
            raise ProviderError("outside_too_slow") from None
        except httpx.HTTPError:
            raise ProviderError("outside_unreachable") from None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _read(answer: "httpx.Response", until: datetime) -> bytes:
    if answer.status_code != 200:  # noqa: PLR2004  # OK
        raise ProviderError("outside_refused")
    data = bytearray()
    for part in answer.iter_bytes():
        data += part
        if len(data) > LARGEST_ANSWER:
            raise ProviderError("outside_too_large")
        if clock.now() > until:
            raise ProviderError("outside_too_slow")
    return bytes(data)


def _checked(adapter: TypeAdapter[Shape], data: bytes) -> Shape:
    try:
        return adapter.validate_json(data)
    except ValidationError:
        raise ProviderError("outside_invalid") from None


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), BATCH):
        yield names[start : start + BATCH]


def _day(version: str) -> date:
    digits = version[:10].replace("-", "")[:8]
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        raise ProviderError("outside_undated") from None

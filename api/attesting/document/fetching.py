"""What the renderer may read: the bundled fonts, and nothing else.

Invariant: any other address ends the rendering; nothing is fetched, read or decoded for it.
"""

from collections.abc import Mapping
from typing import NoReturn

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from api.attesting.document.glyphs import FACES, read_font

SCHEME = "enduse-font:"


class FontFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Gives the renderer its fonts by name, and refuses everything else."""

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """Return a bundled font; raise FatalURLFetchingError, which ends the rendering, for any other address."""
        _ = headers
        name = url.removeprefix(SCHEME)
        if name == url or name not in FACES:
            _refuse()
        return URLFetcherResponse(url, read_font(name), {"Content-Type": "font/ttf"})


def _refuse() -> NoReturn:
    raise FatalURLFetchingError("the document may read its own fonts only")  # the address may be confidential


def font_faces() -> str:
    """Return the stylesheet that names the bundled fonts."""
    return "\n".join(
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; src: url("{SCHEME}{name}") }}'
        for name, (family, weight) in FACES.items()
    )

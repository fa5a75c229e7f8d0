"""The live page, and the security of what a browser is given."""

from __future__ import annotations

import secrets
from importlib.resources import files
from typing import Final

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from .control import HEADERS, known_host, refused

_ASSETS: Final = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}


def routes(host: str) -> list[Route]:
    """Return the page's routes; ``host`` is the address that is served."""

    async def page(request: HttpRequest) -> Response:
        if not known_host(request, host):
            return refused()
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
            "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        )
        headers = HEADERS | {"Content-Security-Policy": policy}
        return HTMLResponse(_read("page.html").replace("{{nonce}}", nonce), headers=headers)

    async def asset(request: HttpRequest) -> Response:
        if not known_host(request, host):
            return refused()
        name = request.url.path.rpartition("/")[2]
        return Response(_read(name), media_type=_ASSETS[name], headers=HEADERS)

    return [
        Route("/", page, methods=["GET"]),
        *(Route(f"/_sandbox/{name}", asset, methods=["GET"]) for name in _ASSETS),
    ]


def _read(name: str) -> str:
    return files(__package__).joinpath("assets").joinpath(name).read_text(encoding="utf-8")

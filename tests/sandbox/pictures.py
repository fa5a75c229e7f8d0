"""Takes pictures of the live page: ``python -m tests.sandbox.pictures FOLDER``, and the one of the documentation.

The one of the documentation is made smaller by ``pngquant`` before it is committed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from whatsapp_sandbox import Sandbox
from whatsapp_sandbox.paste import CREDENTIAL
from whatsapp_sandbox.server import running

from .browser import Browser, browser

WIDTHS = (320, 768, 1280)
SCHEMES = ("light", "dark")
IMAGE = Path(__file__).parents[2] / "docs" / "images" / "sandbox.png"
"""The picture that README and docs show."""
_NUMBERS = ("+5511987654321", "+5521912345678", "+447700900123", "+16505551234", "+4915112345678", "+351912345678")


def furnish(sandbox: Sandbox, url: str) -> None:
    """Put two accounts into a sandbox that have seen a day's work."""
    sandbox.account("zapi", "demo").block("+5511987654321")
    ryze = sandbox.account("ryzeapi", "support")
    ryze.set_privacy("last_seen", "contact_blacklist")
    ryze.add_exceptions("last_seen", "+5511987654321", "+447700900123")
    ryze.set_privacy("online", "match_last_seen")
    with httpx.Client(base_url=url, headers={"token": CREDENTIAL}, trust_env=False) as wire:
        for number in _NUMBERS:
            wire.post("/api/chat/block/support", json={"number": number, "block": True})
        wire.get("/api/profile/getPrivacy/support")
        ryze.fault("rate_limit", on="block")
        wire.post("/api/chat/block/support", json={"number": "+16505550000", "block": True})
        wire.post("/api/chat/block/support", json={"number": _NUMBERS[3], "block": False})
    ryze.contact("+447700900123", username=True)
    ryze.fault("lost_answer", on="unblock", times=3, after=1)


@contextmanager
def furnished() -> Iterator[tuple[Browser, str]]:
    """Open a browser beside a served sandbox with two accounts; give its address."""
    folder = Path(tempfile.mkdtemp())
    try:
        with running(folder / "whatsapp.sqlite") as url:
            sandbox = Sandbox(folder / "whatsapp.sqlite")
            furnish(sandbox, url)
            sandbox.close()
            with browser(folder / "profile") as page:
                yield page, url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(folder: Path) -> None:
    """Write the pictures of both screens in each width and scheme, and the one of the documentation."""
    folder.mkdir(parents=True, exist_ok=True)
    with furnished() as (page, url):
        for scheme in SCHEMES:
            for width in WIDTHS:
                page.show_as(width=width, scheme=scheme)
                page.open(f"{url}/?connect")
                page.wait(lambda: "whatsapp:gateway" in page.text("#paste-new"), "what to paste is shown")
                (folder / f"connect-{scheme}-{width}.png").write_bytes(page.picture())
                page.open(f"{url}/?account=ryzeapi/support")
                page.wait(lambda: "+447700900123" in page.text("#blocked"), "the account is shown")
                page.click("#requests .request:nth-child(2) summary")
                page.wait(lambda: "curl" in page.text("#requests"), "the request is open")
                (folder / f"account-{scheme}-{width}.png").write_bytes(page.picture())
        page.show_as(width=1280, height=1240)
        page.open(f"{url}/?account=ryzeapi/support")
        page.wait(lambda: "+447700900123" in page.text("#blocked"), "the account is shown")
        IMAGE.parent.mkdir(exist_ok=True)
        IMAGE.write_bytes(page.picture(whole=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

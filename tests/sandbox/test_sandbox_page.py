"""The live page in a real browser: what a person does there, the wire shows, and the other way round."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from whatsapp_sandbox import Sandbox
from whatsapp_sandbox.server import running

from .browser import browser, missing

REASON = missing()
pytestmark = pytest.mark.skipif(REASON is not None, reason=f"the page needs a real browser: {REASON}")

A, B = "+16505551234", "+16505550000"
WIRE = "/v25.0/1065/block_users"
BEARER = {"Authorization": "Bearer token"}


def test_by_hand_and_on_the_wire(tmp_path: Path, sandbox: Sandbox) -> None:
    with running(sandbox.path) as url, browser(tmp_path / "profile") as page, httpx.Client(
        base_url=url, headers=BEARER, trust_env=False
    ) as wire:  # fmt: skip

        def listed() -> list[str]:
            return [row["wa_id"] for row in wire.get(WIRE).json()["data"]]

        page.open(url)
        page.wait(lambda: "No account yet" in page.text("body"), "an empty sandbox says so")
        assert listed() == []
        page.wait(lambda: "1065" in page.text("#about"), "the account appears with its first request")

        page.type('input[aria-label="Phone number to block"]', f"{A}\n")
        page.wait(lambda: A in page.text("#blocked"), "who was blocked by hand is shown")
        assert listed() == [A[1:]]

        body = {"messaging_product": "whatsapp", "block_users": [{"user": B}]}
        assert wire.post(WIRE, json=body).status_code == 200
        page.wait(lambda: B in page.text("#blocked"), "who was blocked on the wire is shown")
        page.wait(lambda: "POST /v25.0/1065/block_users" in page.text("#requests"), "the request is shown")

        page.click(f'button[aria-label="Unblock {A}"]')
        page.wait(lambda: A not in page.text("#blocked"), "who was unblocked is gone")
        assert listed() == [B[1:]]

        page.choose('select[aria-label="last_seen"]', "contact_blacklist")
        exception = 'input[aria-label="Add an exception to last_seen"]'
        page.wait(lambda: bool(page.run("return document.querySelector(arguments[0])", exception)), "a list")
        page.type(exception, f"{A}\n")
        page.wait(lambda: A in page.text("#privacy"), "the exception is shown")
        account = sandbox.account("meta", "1065")
        assert account.privacy()["last_seen"] == "contact_blacklist"
        assert account.exceptions("last_seen") == {A}

        page.click('button[data-do="day"]')
        page.wait(lambda: "a day has passed" in page.text("#said"), "what was done is told")
        assert wire.post(WIRE, json=body).json()["error"]["code"] == 139100

        page.choose('select[aria-label="Kind of fault"]', "internal")
        page.click('form[data-action="fault"] button')
        page.wait(lambda: "internal" in page.text("#faults"), "the fault waits")
        assert wire.get(WIRE).json()["error"]["code"] == 139103
        page.wait(lambda: page.text("#faults") == "", "the fault is used up")

        page.type('input[aria-label="Phone number to block"]', "<b>x</b>\n")
        page.wait(lambda: "is not a phone number" in page.text("#said"), "a bad number is refused")
        assert page.run("return document.querySelector('#said b')") is None


def test_nothing_that_arrives_is_taken_for_markup(tmp_path: Path, sandbox: Sandbox) -> None:
    evil = "<img src=x onerror=window.hit=1>"
    sandbox.account("ryzeapi", evil).block(A)
    with running(sandbox.path) as url, browser(tmp_path / "profile") as page:
        headers = {"token": "t"}
        httpx.post(f"{url}/api/chat/block/{evil}", json={"number": evil}, headers=headers, trust_env=False)
        page.open(url)
        page.wait(lambda: evil in page.text("#requests"), "the request is shown as it came")
        assert page.run("return document.querySelector('img') || window.hit || null") is None


def test_every_control_has_a_name(tmp_path: Path, sandbox: Sandbox) -> None:
    sandbox.account("zapi", "demo").block(A)
    sandbox.account("zapi", "demo").add_exceptions("about", B)
    with running(sandbox.path) as url, browser(tmp_path / "profile") as page:
        page.open(url)
        page.wait(lambda: A in page.text("#blocked"), "the account is shown")
        nameless = page.run(
            "return [...document.querySelectorAll('button, input, select')]"
            ".filter(n => !(n.getAttribute('aria-label') || n.textContent.trim())).map(n => n.outerHTML)"
        )
        assert nameless == []

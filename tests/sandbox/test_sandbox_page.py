"""The live page in a real browser: what a person does there, the wire shows, and the other way round."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from whatsapp_sandbox import Sandbox
from whatsapp_sandbox.gateways import WIRES
from whatsapp_sandbox.paste import CREDENTIAL
from whatsapp_sandbox.server import running

from . import pictures
from .browser import Browser, browser, missing

REASON = missing()
pytestmark = pytest.mark.skipif(REASON is not None, reason=f"the page needs a real browser: {REASON}")

A, B, C = "+16505551234", "+16505550000", "+447700900123"
WIRE = "/v25.0/1065/block_users"
BEARER = {"Authorization": f"Bearer {CREDENTIAL}"}
WATCH_ERRORS = """
window.broken = [];
addEventListener("error", event => window.broken.push(String(event.message)));
addEventListener("unhandledrejection", event => window.broken.push(String(event.reason)));
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as window:
        yield window


@pytest.fixture
def url(sandbox: Sandbox) -> Iterator[str]:
    with running(sandbox.path) as served:
        yield served


def opened(page: Browser, url: str, account: str = "meta/1065") -> None:
    page.open(f"{url}/?account={account}")
    page.wait(lambda: page.text("#name") == account, "the account is shown")


def users(*phones: str) -> dict[str, object]:
    return {"messaging_product": "whatsapp", "block_users": [{"user": phone} for phone in phones]}


def test_by_hand_and_on_the_wire(page: Browser, url: str, sandbox: Sandbox) -> None:
    with httpx.Client(base_url=url, headers=BEARER, trust_env=False) as wire:

        def listed() -> list[str]:
            return [row["wa_id"] for row in wire.get(WIRE).json()["data"]]

        page.open(url)
        page.wait(lambda: "pulumi config set" in page.text("#connect"), "an empty sandbox says what to paste")
        assert listed() == []
        page.wait(lambda: page.text("#name") == "meta/1065", "the account appears with its first request")

        page.type("#phone", f"{A}\n")
        page.wait(lambda: A in page.text("#blocked"), "who was blocked by hand is shown")
        assert listed() == [A[1:]]

        assert wire.post(WIRE, json=users(B)).status_code == 200
        page.wait(lambda: B in page.text("#blocked"), "who was blocked on the wire is shown")
        page.wait(lambda: "POST /v25.0/1065/block_users" in page.text("#requests"), "the request is shown")

        page.click(f'button[aria-label="Unblock {A}"]')
        page.wait(lambda: A not in page.text("#blocked"), "who was unblocked is gone")
        assert listed() == [B[1:]]

        page.choose("#setting-last_seen", "contact_blacklist")
        exception = 'form[data-exceptions="last_seen"]'
        page.wait(
            lambda: page.run("return document.querySelector(arguments[0]).checkVisibility()", exception), "a form"
        )
        page.type(f"{exception} input", f"{A}\n")
        page.wait(lambda: A in page.text("#privacy"), "the exception is shown")
        account = sandbox.account("meta", "1065")
        assert account.privacy()["last_seen"] == "contact_blacklist"
        assert account.exceptions("last_seen") == {A}

        page.click('button[data-do="let_a_day_pass"]')
        page.wait(lambda: "a day has passed" in page.text("#said"), "what was done is told")
        assert wire.post(WIRE, json=users(B)).json()["error"]["code"] == 139100
        page.type('#contact input[name="phone"]', B)
        page.choose('#contact select[name="what"]', "messaged_recently:true")
        page.click("#contact button")
        page.wait(lambda: "has written in the last 24 hours" in page.text("#said"), "what is so now is told")
        assert wire.post(WIRE, json=users(B)).status_code == 200


def test_a_fault_is_asked_for_by_what_happens(page: Browser, url: str, sandbox: Sandbox) -> None:
    account = sandbox.account("meta", "1065")
    opened(page, url)
    assert (
        page.run("return [...document.querySelectorAll('#kind option')].filter(o => /_|^[a-z]/.test(o.text)).length")
        == 0
    )
    page.choose("#kind", "short_list")
    assert page.run("return [...document.querySelectorAll('#on option')].map(o => o.text)") == ["a listing"]
    page.choose("#kind", "internal")
    page.choose("#on", "list")
    page.choose('#fault select[name="times"]', "")
    page.click("#fault button")
    page.wait(lambda: "The gateway has an internal error: on a listing, every time" in page.text("#faults"), "it waits")
    (fault,) = account.faults()
    assert (fault.kind, fault.on, fault.times, fault.after) == ("internal", "list", None, 0)
    answer = httpx.get(url + WIRE, headers=BEARER, trust_env=False)
    assert answer.json()["error"]["code"] == 139103
    page.wait(lambda: "The gateway has an internal error" in page.text("#requests"), "the request says what it met")
    page.click("#clear-faults")
    page.wait(lambda: page.text("#faults") == "", "the fault is taken back")
    assert account.faults() == []


def test_the_first_screen_says_what_to_paste(page: Browser, url: str, sandbox: Sandbox) -> None:
    permissions = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": url}
    page.call("POST", "/goog/cdp/execute", {"cmd": "Browser.grantPermissions", "params": permissions})
    page.open(url)
    for gateway, wire in WIRES.items():
        page.wait(lambda: page.text("#paste-new pre") != "", "there are lines")
        page.choose("#gateway", gateway)
        page.wait(lambda gateway=gateway: f"gateway {gateway}\n" in page.text("#paste-new pre"), "its own lines")  # type: ignore[misc]
        lines = page.text("#paste-new pre")
        assert f"whatsapp:{wire.setup.identity} {wire.setup.example}" in lines
        assert f"whatsapp:baseUrl {wire.setup.base_url(url, wire.setup.example)}\n" in lines
        assert [key for key in wire.setup.credentials if f"--secret whatsapp:{key} {CREDENTIAL}" not in lines] == []
    page.click('#paste-new input[value="environment"]')
    assert f"export WHATSAPP_TOKEN={CREDENTIAL}" in page.text("#paste-new pre")
    page.click("#paste-new button")
    page.wait(lambda: page.text("#paste-new button") == "Copied", "the button says so")
    copied = page.run("return navigator.clipboard.readText()")
    assert copied.splitlines() == page.text("#paste-new pre").split("\n")
    page.click('#paste-new input[value="embedded"]')
    assert f"whatsapp:sandbox {sandbox.path}" in page.text("#paste-new pre")
    assert sandbox.accounts() == []
    page.click("#new button")
    page.wait(lambda: page.text("#name") == "meta/106540352242922", "the account is made and shown")


def test_an_account_is_reset_and_deleted_when_one_is_sure(page: Browser, url: str, sandbox: Sandbox) -> None:
    account = sandbox.account("meta", "1065")
    account.block(A)
    sandbox.account("zapi", "demo")
    opened(page, url)
    page.click("#delete")
    page.type("dialog button[value=no]", "\ue00c")  # Escape
    page.click("#reset")
    page.click("dialog button[value=no]")
    assert account.blocked() == {A}
    page.click("#reset")
    page.click("#sure-yes")
    page.wait(lambda: "Nobody is blocked" in page.text("#shown"), "the account is as new")
    assert account.blocked() == set()
    page.click("#delete")
    page.click("#sure-yes")
    page.wait(lambda: "meta/1065" not in page.text("#accounts"), "the account is gone")
    assert [one.name for one in sandbox.accounts()] == ["zapi/demo"]
    assert page.text("#h-connect") != ""
    assert page.run("return document.activeElement.id") == "h-connect"


def test_a_number_is_shown_as_whatsapp_knows_it_before_it_is_blocked(page: Browser, url: str, sandbox: Sandbox) -> None:
    account = sandbox.account("meta", "1065")
    opened(page, url)
    page.type("#phone", "+55 (31) 9 8765-4321")
    page.wait(lambda: page.text("#echo") == "Blocks: +553187654321, Brazil", "the number without its ninth digit")
    assert account.blocked() == set()
    page.run("document.querySelector('#phone').value = ''")
    page.type("#phone", "<b>x</b>")
    page.wait(lambda: "'<b>x</b>' is not a phone number" in page.text("#echo"), "a bad number is told")
    page.type("#phone", "\n")
    page.wait(lambda: "is not a phone number" in page.text("#said"), "and refused")
    assert page.run("return document.querySelector('#said b, #echo b')") is None
    assert page.run("return document.querySelector('#phone').value") == "<b>x</b>", "what was typed stays"
    account.block(A)
    page.run("document.querySelector('#phone').value = ''")
    page.type("#phone", A)
    page.wait(lambda: page.text("#echo") == f"Already blocked: {A}, United States", "who is there already")


def test_a_long_list_is_searched_and_sorted(page: Browser, url: str, sandbox: Sandbox) -> None:
    account = sandbox.account("meta", "1065")
    account.block(B, C, A)
    account.contact(C, username=True)
    opened(page, url)

    def shown() -> list[str]:
        found: list[str] = page.run(
            "return [...document.querySelectorAll('#blocked li')].map(n => n.firstChild.firstChild.textContent)"
        )
        return found

    for sort, order in (("newest", [A, C, B]), ("number", [B, A, C]), ("oldest", [B, C, A])):
        page.choose("#sort", sort)
        page.wait(lambda order=order: shown() == order, f"sorted by {sort}")  # type: ignore[misc]
    page.type("#search", "(650) 555-1")
    page.wait(lambda: shown() == [A], "searched by digits")
    page.run("document.querySelector('#search').value = ''")
    page.type("#search", account.user_id(C))
    page.wait(lambda: shown() == [C], "searched by the id that the list shows")
    page.type("#search", "x")
    page.wait(lambda: shown() == [] and "0 match" in page.text("#shown"), "a text that nobody has finds nobody")


def test_a_request_opens_to_its_body_answer_and_a_command(page: Browser, url: str) -> None:
    httpx.post(url + WIRE, json=users(A), headers=BEARER, trust_env=False)
    opened(page, url)
    page.wait(lambda: "POST" in page.text("#requests"), "the request is shown")
    page.click("#requests summary")
    page.wait(lambda: "curl" in page.text("#requests"), "the request is open")
    body, answer, command = page.run("return [...document.querySelectorAll('#requests pre')].map(n => n.textContent)")
    assert f'"user": "{A}"' in body
    assert f'"wa_id": "{A[1:]}"' in answer
    assert command.startswith(f"curl -X POST {url}{WIRE} -H 'Authorization: Bearer {CREDENTIAL}'")
    httpx.get(url + WIRE, headers=BEARER, trust_env=False)
    page.wait(lambda: "GET" in page.text("#requests"), "the next request is shown")
    assert "curl" in page.text("#requests"), "what was open stays open"


def test_no_credential_is_shown_but_the_sandbox_s_own(page: Browser, url: str) -> None:
    secret = "unmistakable-5ecret"
    for token in (secret, f"{secret}-wrong"):
        path = f"/instances/demo/token/{token}/contacts/modify-blocked"
        body = {"phone": A, "action": "block", "note": token}
        httpx.post(url + path, json=body, headers={"Client-Token": token}, trust_env=False)
    opened(page, url, "zapi/demo")
    page.click("#how summary")
    page.wait(lambda: "whatsapp:clientToken" in page.text("#paste-account"), "what to paste is shown")
    assert '"$WHATSAPP_CLIENT_TOKEN"' in page.text("#paste-account")
    assert "another credential" in page.text("#paste-account")
    for number in (1, 2):
        page.click(f"#requests details:nth-child({number}) summary")
    page.wait(lambda: page.text("#requests").count("curl") == 2, "both are open")
    assert '"$WHATSAPP_TOKEN"' in page.text("#requests")
    assert "*** not allowed" in page.text("#requests")
    assert secret not in page.run("return document.documentElement.outerHTML")


def test_live_updates_leave_focus_text_and_choices_alone(page: Browser, url: str, sandbox: Sandbox) -> None:
    account = sandbox.account("meta", "1065")
    account.set_privacy("about", "contact_blacklist")
    account.block(A, B)
    opened(page, url)
    field = 'form[data-exceptions="about"] input'
    page.type(field, "+44 7700")
    account.add_exceptions("about", A)
    account.set_privacy("last_seen", "none")
    account.block(C)
    page.wait(lambda: A in page.text("#privacy") and C in page.text("#blocked"), "the news is there")
    assert page.run("return document.activeElement === document.querySelector(arguments[0])", field)
    assert page.run("return document.activeElement.value") == "+44 7700"

    page.run("document.querySelector(arguments[0]).focus()", f'button[aria-label="Unblock {A}"]')
    account.unblock(B)
    page.wait(lambda: B not in page.text("#blocked"), "somebody else goes")
    focused = "return document.activeElement.getAttribute('aria-label')"
    assert page.run(focused) == f"Unblock {A}"
    page.type(f'button[aria-label="Unblock {A}"]', "\n")
    page.wait(lambda: A not in page.text("#blocked"), "the one with the focus goes")
    assert page.run(focused) == f"Unblock {C}", "and the focus is on the next one"
    page.type(f'button[aria-label="Unblock {C}"]', "\n")
    page.wait(lambda: C not in page.text("#blocked"), "the last one goes")
    assert page.run("return document.activeElement.id") == "h-blocked"


def test_nothing_breaks_while_the_server_is_stopped(page: Browser, sandbox: Sandbox) -> None:
    sandbox.account("meta", "1065")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with running(sandbox.path, port=port) as url:
        httpx.get(url + WIRE, headers=BEARER, trust_env=False)
        opened(page, url)
        page.run(WATCH_ERRORS)
        page.type("#phone", A)
        page.wait(lambda: A in page.text("#echo") and "GET" in page.text("#requests"), "all is shown")
    page.wait(lambda: "does not answer" in page.text("#offline"), "a banner says so")
    page.type("#phone", "0")
    page.click("#requests summary")
    page.wait(lambda: "Not done" in page.text("#requests"), "a request cannot be opened")
    page.click("#how summary")
    page.type("#phone", "\n")
    page.wait(lambda: "Not done" in page.text("#said"), "what cannot be done is told")
    page.choose("#setting-last_seen", "none")
    page.wait(lambda: page.run("return document.querySelector('#setting-last_seen').value") == "all", "it went back")
    page.click("#reset")
    page.run("document.querySelector('#said').textContent = ''")
    page.click("#sure-yes")
    page.wait(lambda: "Not done" in page.text("#said"), "a reset is not done either")
    with running(sandbox.path, port=port):
        page.wait(lambda: page.run("return document.querySelector('#offline').hidden"), "the banner goes by itself")
        assert page.text("#said") == "", "and what it said of the last attempt with it"
        assert page.run("return document.querySelector('#phone').value") == f"{A}0"
        page.wait(lambda: page.text("#echo") == f"Blocks: {A}0, United States", "what waited is shown: the number,")
        page.wait(lambda: "curl" in page.text("#requests"), "the request")
        page.wait(lambda: "baseUrl" in page.text("#paste-account"), "and what to paste")
        assert "Not done: the sandbox" not in page.text("body")
        page.type("#phone", "\n")
        page.wait(lambda: f"{A}0" in page.text("#blocked"), "and all works")
        assert page.run("return window.broken") == []


def test_nothing_that_arrives_is_taken_for_markup(page: Browser, url: str, sandbox: Sandbox) -> None:
    evil = "<img src=x onerror=window.hit=1>"
    sandbox.account("ryzeapi", evil).block(A)
    body = {"number": evil, "block": True}
    httpx.post(f"{url}/api/chat/block/{evil}", json=body, headers={"token": "t"}, trust_env=False)
    page.open(f"{url}/?account=ryzeapi/{evil}")
    page.wait(lambda: evil in page.text("#requests"), "the request is shown as it came")
    page.click("#requests summary")
    page.click("#how summary")
    page.wait(lambda: evil in page.text("#requests pre") and evil in page.text("#paste-account"), "its parts too")
    page.type("#phone", evil)
    page.wait(lambda: evil in page.text("#echo"), "what was typed too")
    page.click("#delete")
    assert evil in page.text("#sure-text")
    assert page.run("return document.querySelector('main img, nav img, dialog img') || window.hit || null") is None


def test_the_page_asks_nobody_else(page: Browser, url: str, sandbox: Sandbox) -> None:
    sandbox.account("meta", "1065").block(A)
    opened(page, url)
    page.click("#how summary")
    page.wait(lambda: page.text("#paste-account pre") != "", "all is loaded")
    loaded = page.run("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert {"/_sandbox/page.css", "/_sandbox/page.js", "/_sandbox/icon.svg"} <= {urlsplit(one).path for one in loaded}
    assert [one for one in loaded if not one.startswith(f"{url}/_sandbox/")] == []
    attempts = """
        window.stopped = [];
        addEventListener("securitypolicyviolation", event => window.stopped.push(event.effectiveDirective));
        fetch("http://localhost:9/").catch(() => {});
        document.body.append(Object.assign(new Image(), {src: "http://localhost:9/a.png"}));
        document.head.append(Object.assign(document.createElement("link"), {rel: "stylesheet", href: "/other.css"}));
    """
    page.run(attempts)
    with pytest.raises(AssertionError, match="TrustedScript"):
        page.run("document.body.append(Object.assign(document.createElement('script'), {text: 'window.hit = 1'}))")
    expected = {"connect-src", "img-src", "style-src-elem"}
    page.wait(lambda: expected <= set(page.run("return window.stopped")), "the policy stops each of them")
    assert page.run("return window.hit || null") is None


def test_every_control_has_a_label_that_is_seen(page: Browser, url: str, sandbox: Sandbox) -> None:
    account = sandbox.account("zapi", "demo")
    account.block(A)
    account.add_exceptions("about", B)
    for place in ("?connect", "?account=zapi/demo"):
        page.open(f"{url}/{place}")
        page.wait(lambda: "zapi/demo" in page.text("#accounts"), "the page is there")
        unlabelled = page.run(
            "const seen = node => node.checkVisibility() && node.getBoundingClientRect().width > 1;"
            "return [...document.querySelectorAll('input, select')].filter(seen)"
            ".filter(n => ![...n.labels].some(l => seen(l) && l.innerText.trim())).map(n => n.outerHTML)"
        )
        assert unlabelled == []
        nameless = page.run(
            "return [...document.querySelectorAll('button, a, summary')].filter(n => n.checkVisibility())"
            ".filter(n => !n.innerText.trim()).map(n => n.outerHTML)"
        )
        assert nameless == []


LEGIBLE = """
const parts = text => text.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const ground = node => {
  for (; node; node = node.parentElement) {
    const colour = parts(getComputedStyle(node).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour;
  }
};
return [...document.querySelectorAll('body *')].filter(n => n.checkVisibility() && n.tagName !== 'OPTION')
  .filter(n => n.matches('input, select') || [...n.childNodes].some(c => c.nodeType === 3 && c.data.trim()))
  .map(n => {
    const [one, two] = [light(parts(getComputedStyle(n).color)), light(ground(n))].sort((a, b) => b - a);
    return [(one + 0.05) / (two + 0.05), n.outerHTML.slice(0, 120)];
  }).filter(([contrast]) => contrast < 4.5);
"""


@pytest.mark.slow
def test_readable_at_each_width_in_both_schemes() -> None:
    with pictures.furnished() as (page, url):
        for place in ("?connect", "?account=ryzeapi/support"):
            for width in pictures.WIDTHS:
                for scheme in pictures.SCHEMES:
                    page.show_as(width=width, scheme=scheme)
                    page.open(f"{url}/{place}")
                    page.wait(lambda: "ryzeapi/support" in page.text("#accounts"), "the page is there")
                    if "account" in place:
                        page.click("#how summary")
                        page.click("#requests .request:nth-child(2) summary")
                        page.wait(lambda: "curl" in page.text("#requests"), "the request is open")
                        page.click('button[data-do="let_a_day_pass"]')
                        page.wait(lambda: page.text("#said") != "", "a line is said")
                    where = f"{place} at {width} in {scheme}"
                    assert page.run("return document.documentElement.scrollWidth") <= width, where
                    beyond = page.run(
                        "return [...document.querySelectorAll('button, input, select, p, h2, code')]"
                        ".filter(n => n.checkVisibility() && n.getBoundingClientRect().right > innerWidth + 1)"
                        ".map(n => n.outerHTML)"
                    )
                    assert beyond == [], where
                    assert page.run(LEGIBLE) == [], where

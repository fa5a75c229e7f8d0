"""A headless Chromium, driven over the W3C WebDriver protocol."""

from __future__ import annotations

import base64
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_PATIENCE = 20.0
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-lcd-text",
    "--window-size=1280,1000",
)


def missing() -> str | None:
    """Say what of the browser is not there; None when all is."""
    absent = [program for program in ("chromium", "chromedriver") if shutil.which(program) is None]
    return f"no {' and no '.join(absent)} on PATH" if absent else None


class Browser:
    """One window."""

    def __init__(self, http: httpx.Client, session: str) -> None:
        self._http = http
        self._session = session

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Send a WebDriver command; raises AssertionError with the driver's words when it fails."""
        content = (body or {}) if method == "POST" else None
        response = self._http.request(method, f"/session/{self._session}{path}", json=content)
        assert response.is_success, response.text
        return response.json()["value"]

    def open(self, url: str) -> None:
        self.call("POST", "/url", {"url": url})

    def run(self, script: str, *arguments: object) -> Any:
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def text(self, css: str) -> str:
        """Return the text that an element shows."""
        text: str = self.run("return document.querySelector(arguments[0])?.innerText ?? ''", css)
        return text

    def show_as(self, *, width: int, height: int = 900, scheme: str = "light") -> None:
        """Show the page as on a screen of this width, in the light or the dark colour scheme."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        for command, parameters in (
            ("setDeviceMetricsOverride", metrics),
            ("setEmulatedMedia", media),
            ("setScrollbarsHidden", {"hidden": True}),
        ):
            self.call("POST", "/goog/cdp/execute", {"cmd": f"Emulation.{command}", "params": parameters})

    def picture(self, *, whole: bool = True) -> bytes:
        """Return the page as a PNG: the whole of it, or what the window shows."""
        parameters = {"format": "png", "captureBeyondViewport": whole}
        taken = self.call("POST", "/goog/cdp/execute", {"cmd": "Page.captureScreenshot", "params": parameters})
        return base64.b64decode(taken["data"])

    def find(self, css: str) -> str:
        found = self.call("POST", "/element", {"using": "css selector", "value": css})
        element: str = found[_ELEMENT]
        return element

    def click(self, css: str) -> None:
        """Click in the middle of the window; at its edges a banner may lie over the page."""
        self.run("document.querySelector(arguments[0])?.scrollIntoView({block: 'center'})", css)
        self.call("POST", f"/element/{self.find(css)}/click")

    def type(self, css: str, text: str) -> None:
        """Type into a field; a line end sends its form."""
        self.call("POST", f"/element/{self.find(css)}/value", {"text": text.replace("\n", "\ue007")})

    def choose(self, css: str, value: str) -> None:
        """Choose an option of a select."""
        self.click(f'{css} option[value="{value}"]')

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until a condition holds; fails with ``what`` after some patience."""
        deadline = time.monotonic() + _PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"{what}; the page shows: {self.text('body')[:1500]}"
            time.sleep(0.05)


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Start a browser with a fresh profile; stop it at the end."""
    driver = subprocess.Popen(
        ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert driver.stdout is not None
    try:
        port = _port(driver.stdout)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as http:
            options = {"args": [*_ARGUMENTS, f"--user-data-dir={profile}"]}
            wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
            response = http.post("/session", json=wanted)
            assert response.is_success, response.text
            window = Browser(http, response.json()["value"]["sessionId"])
            try:
                yield window
            finally:
                window.call("DELETE", "")
    finally:
        driver.terminate()
        driver.wait()
        driver.stdout.close()


def _port(lines: Iterable[str]) -> int:
    for line in lines:
        if "successfully on port" in line:
            return int(line.rstrip(".\n").rpartition(" ")[2])
    raise AssertionError("chromedriver did not start")

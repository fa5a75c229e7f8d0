"""Reading one value of the configuration: the text that `pulumi config` and the environment give.

Each of these returns the value, or raises ValueError with what is wrong.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from .phone import canonical
from .redact import Secret

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SWITCH: Final = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


def text(value: object) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError("it must be a text that is not empty")
    return value


def credential(value: object) -> Secret:
    """Return a credential; a file's last line break is no part of it."""
    spelt = text(value).strip()
    if not spelt or not spelt.isascii() or not spelt.isprintable():
        raise ValueError("a credential is printable ASCII without line breaks; set it again")
    return Secret(spelt)


def matching(pattern: str) -> Callable[[object], str]:
    """Return a reader of texts that match a pattern as a whole."""

    def read(value: object) -> str:
        if not re.fullmatch(pattern, text(value)):
            raise ValueError(f"it must match {pattern}")
        return text(value)

    return read


def whole(least: int) -> Callable[[object], int]:
    """Return a reader of whole numbers from ``least`` on."""

    def read(value: object) -> int:
        number = int(text(value))
        if number < least:
            raise ValueError(f"it must be {least} or more")
        return number

    return read


def seconds(value: object) -> float:
    """Return a number of seconds above 0."""
    number = float(text(value))
    if not 0 < number < math.inf:
        raise ValueError("it must be above 0")
    return number


def switch(value: object) -> bool:
    """Return whether something is on."""
    try:
        return _SWITCH[str(value).strip().lower()]
    except KeyError:
        raise ValueError("it must be true or false") from None


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of a list: as JSON has it, with commas, or as it is."""
    if isinstance(value, str):
        listed = value.lstrip().startswith("[")
        value = json.loads(value) if listed else [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise ValueError("it must be a list of texts")
    return tuple(value)


def phone_number(value: object) -> str:
    """Return a phone number in canonical form."""
    return canonical(text(value))


def path(value: object) -> Path:
    """Return the path of a file."""
    return Path(text(value))


def address(value: object) -> str:
    """Return an http(s) URL, without the slash at its end."""
    try:
        url = urlsplit(text(value))
    except ValueError:  # whose message quotes credentials in the address
        raise ValueError("it must be an http(s) URL") from None
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise ValueError("it must be an http(s) URL")
    if url.scheme == "http" and url.hostname not in _LOOPBACK:
        raise ValueError("credentials go over https; plain http is accepted for this machine only")
    return text(value).rstrip("/")


def passwords(url: str) -> list[str]:
    """Return what an address says of who may use it, in each spelling."""
    user, at, _ = urlsplit(url).netloc.rpartition("@")
    password = user.partition(":")[2]
    return [f"{user}@", password, unquote(password)] if at else []

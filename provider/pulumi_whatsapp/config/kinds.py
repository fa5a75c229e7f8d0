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

from ..names import NUMBER, Contact, kind
from ..phone import canonical
from ..redact import Secret

_HOST: Final = re.compile(r"[\w.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SWITCH: Final = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


class Misfit(ValueError):
    """A value that may be shown is not what it must be; the message says what that is."""


def text(value: object) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError("it must be a text that is not empty")
    try:
        value.encode()
    except UnicodeEncodeError:  # bytes of the environment that are no UTF-8
        raise ValueError("it must be a text in UTF-8") from None
    return value


def credential(value: object) -> Secret:
    """Return a credential; a file's last line break is no part of it."""
    spelt = text(value).strip()
    if not spelt or not spelt.isascii() or not spelt.isprintable():
        raise ValueError("a credential is printable ASCII without line breaks; set it again")
    return Secret(spelt)


def matching(pattern: str, must_be: str) -> Callable[[object], str]:
    """Return a reader of texts that match a pattern as a whole."""

    def read(value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise Misfit(must_be)
        return value

    return read


def whole(least: int) -> Callable[[object], int]:
    """Return a reader of whole numbers from ``least`` on, which is 0 or 1."""

    def read(value: object) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"\s*[0-9]+\s*", value) or int(value) < least:
            raise Misfit("a whole number above 0" if least else "a whole number, 0 or more")
        return int(value)

    return read


def seconds(value: object) -> float:
    """Return a number of seconds above 0."""
    try:
        number = float(value) if isinstance(value, str) and value.isascii() else 0
    except ValueError:
        number = 0
    if not 0 < number < math.inf:
        raise Misfit("a number of seconds above 0")
    return number


def is_switch(value: object) -> bool:
    """Return whether a value is one of the words that turn something on or off."""
    return _word(value) in _SWITCH


def switch(value: object) -> bool:
    """Return whether something is on."""
    if not is_switch(value):
        raise Misfit("true or false")
    return _SWITCH[_word(value)]


def _word(value: object) -> str:
    return str(value).strip().lower()


def account_ids(value: object) -> tuple[str, ...]:
    """Return account ids: a list, as JSON spells it or as it is, or with commas between them."""
    return _several(value, "account ids, e.g. zapi/3A5B9C, with commas between them")


def contacts(value: object) -> tuple[Contact, ...]:
    """Return contacts in canonical form, from the same spellings of a list."""
    return tuple(map(canonical, _several(value, "contacts, e.g. +5511987654321, with commas between them")))


def _several(value: object, must_be: str) -> tuple[str, ...]:
    if isinstance(value, str) and not value.lstrip().startswith("["):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    try:
        listed = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        listed = None
    if not isinstance(listed, list) or not all(isinstance(part, str) for part in listed):
        raise Misfit(must_be)
    return tuple(listed)


def phone_number(value: object) -> str:
    """Return a phone number in canonical form."""
    number = canonical(text(value))
    if kind(number) != NUMBER:
        raise Misfit("a phone number, not another id")
    return number


def path(value: object) -> Path:
    """Return the path of a file."""
    return Path(text(value))


def address(value: object) -> str:
    """Return an http(s) URL, without the slash at its end."""
    try:
        url = urlsplit(text(value))
        port = url.port
    except ValueError:  # whose message quotes credentials in the address
        raise ValueError("it must be an http(s) URL") from None
    if port == 0 or not _HOST.fullmatch(url.netloc.rpartition("@")[2]):
        raise ValueError("it must be an http(s) URL")
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

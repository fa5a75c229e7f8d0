"""What a key may be: schemas that read the text which `pulumi config` and the environment give.

A value that does not fit is an error of the type ``misfit``, whose message says what it must be; such a value may be
shown. An error of any other type is a sentence of its own, and shows nothing.

These are schemas of `pydantic_core`, the validation engine of pydantic. Every provider process reads a configuration
before its first answer, and importing the models on top of that engine takes a third of what Pulumi takes for its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from ..names import NUMBER, kind
from ..phone import canonical
from ..redact import Secret

MISFIT: Final = "misfit"
_HOST: Final = re.compile(r"[\w.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SWITCH: Final = frozenset({"true", "yes", "on", "1", "false", "no", "off", "0"})


def _must_be(what: str, kind: CoreSchema) -> CoreSchema:
    """Return a schema with a sentence in place of pydantic's own words."""
    return core_schema.custom_error_schema(kind, MISFIT, custom_error_message=what)


def _matching(pattern: str, what: str) -> CoreSchema:
    """Return a schema of texts that match a pattern as a whole."""
    return _must_be(what, core_schema.str_schema(pattern=f"^({pattern})$"))


def _number(what: str, kind: CoreSchema, pattern: str = "[0-9]+") -> CoreSchema:
    """Return a schema of numbers whose text matches a pattern: pydantic takes +5511987654321 and true for some, too."""
    return _must_be(what, core_schema.chain_schema([core_schema.str_schema(pattern=rf"^\s*{pattern}\s*$"), kind]))


def _word(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _file(text: str, info: core_schema.ValidationInfo[dict[str, Path]]) -> Path | None:
    """Return a path in the folder ``root``; an empty one leaves the sandbox that would be inherited."""
    if _word(text) in _SWITCH:  # somebody took it for something to turn on
        raise ValueError
    text.encode()  # the file of a sandbox is shown, so it must be a text
    assert info.context is not None
    try:
        return info.context["root"] / Path(text).expanduser() if text else None
    except RuntimeError:  # no user of this machine is called as after its ~
        raise ValueError from None


def _credential(value: object) -> Secret:
    """Return a credential; a file's last line break is no part of it."""
    spelt = value.strip() if isinstance(value, str) else ""
    if not spelt or not spelt.isascii() or not spelt.isprintable():
        raise ValueError("a credential is printable ASCII without line breaks; set it again")
    return Secret(spelt)


def _several(value: object) -> object:
    """Return a list: as JSON spells it or as it is, or with commas between."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


def _phone_number(text: str) -> str:
    number = canonical(text)
    if kind(number) != NUMBER:
        raise PydanticCustomError(MISFIT, "a phone number, not another id")
    return number


def _address(text: str) -> str:
    """Return an http(s) URL, without the slash at its end."""
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:  # whose message quotes credentials in the address
        raise ValueError("it must be an http(s) URL") from None
    known = url.scheme in {"http", "https"} and url.hostname and _HOST.fullmatch(url.netloc.rpartition("@")[2])
    if not known or port == 0:
        raise ValueError("it must be an http(s) URL")
    if url.scheme == "http" and url.hostname not in _LOOPBACK:
        raise ValueError("credentials go over https; plain http is accepted for this machine only")
    return text.rstrip("/")


def passwords(url: str) -> list[str]:
    """Return what an address says of who may use it, in each spelling."""
    user, at, _ = urlsplit(url).netloc.rpartition("@")
    password = user.partition(":")[2]
    return [f"{user}@", password, unquote(password)] if at else []


def _listed(what: str, read: Callable[[list[str]], object]) -> CoreSchema:
    texts = core_schema.no_info_before_validator_function(_several, core_schema.list_schema(core_schema.str_schema()))
    return core_schema.no_info_after_validator_function(read, _must_be(what, texts))


ANY: Final = core_schema.any_schema()
DIGITS: Final = _matching("[0-9]+", "digits only, e.g. 106540352242922")
REGION: Final = _matching("in|ap|eu|na", "one of in, ap, eu, na")
VERSION: Final = _matching(r"v[0-9]+\.[0-9]+", "a version like v23.0")
COUNTRY: Final = _matching("[A-Z]{2}", "a country's two capital letters, e.g. BR")
TEXT: Final = _must_be("a text in UTF-8 that is not empty", core_schema.str_schema(min_length=1))
COUNT: Final = _number("a whole number, 0 or more", core_schema.int_schema(ge=0))
LIMIT: Final = _number("a whole number above 0", core_schema.int_schema(gt=0))
SECONDS: Final = _number("a number of seconds above 0", core_schema.float_schema(gt=0, allow_inf_nan=False), "[!-~]+")
SWITCH: Final = _must_be(
    "true or false", core_schema.no_info_before_validator_function(_word, core_schema.bool_schema())
)
CREDENTIAL: Final = core_schema.no_info_plain_validator_function(_credential)
PHONE_NUMBER: Final = core_schema.no_info_after_validator_function(_phone_number, TEXT)
ADDRESS: Final = core_schema.no_info_after_validator_function(_address, _matching(".+", "an http(s) URL"))
SANDBOX: Final = _must_be(
    "the file of a sandbox, e.g. .sandbox/whatsapp.sqlite (for the real gateway empty it)",
    core_schema.with_info_after_validator_function(_file, core_schema.str_schema()),
)
IDS: Final = _listed("account ids, e.g. zapi/3A5B9C, with commas between them", tuple)
CONTACTS: Final = _listed(
    "contacts, e.g. +5511987654321, with commas between them", lambda texts: tuple(map(canonical, texts))
)

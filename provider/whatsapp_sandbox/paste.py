"""What to paste, so that a program or a shell speaks to an account of the sandbox."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from .log import MASK, Request

CREDENTIAL = "sandbox-credential"
"""The sandbox's own credential, which may be shown: an account takes it as it takes any other that it sees first."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How a client of a gateway is set up, in the words of the provider's configuration.

    Attributes:
        identity: the key of who the account is.
        example: an identity to start with.
        credentials: the keys of its credentials; the first one is what stands in a path.
        headers: header -> its value, with the key of a credential in braces.
        others: further keys and their values.
        prefix: what the base URL has after the server's address; ``{identity}`` stands for who the account is.
    """

    identity: str
    example: str
    credentials: tuple[str, ...]
    headers: Mapping[str, str]
    others: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""

    def base_url(self, address: str, identity: str) -> str:
        """Return the base URL of an account on a server."""
        return address + self.prefix.replace("{identity}", quote(identity, safe="+"))


def is_own(credential: str) -> bool:
    """Tell whether a credential is the sandbox's own; Kaleyra's is a SID and a key."""
    return credential.rpartition(":")[2] == CREDENTIAL


def stack(gateway: str, setup: Setup, identity: str, address: str, *, own: bool) -> list[str]:
    """Return the commands that set an account up in a Pulumi stack.

    ``own``: whether the account takes the sandbox's own credential; else the reader's stands for it.
    """
    values = _values(gateway, setup, identity, address)
    lines = [f"pulumi config set whatsapp:{key} {shlex.quote(value)}" for key, value in values.items()]
    return lines + [
        f"pulumi config set --secret whatsapp:{key} {_credential(key, own=own)}" for key in setup.credentials
    ]


def environment(gateway: str, setup: Setup, identity: str, address: str, *, own: bool) -> list[str]:
    """Return the same as :func:`stack`, as lines for a shell."""
    values = _values(gateway, setup, identity, address)
    lines = [f"export {_variable(key)}={shlex.quote(value)}" for key, value in values.items()]
    return lines + [f"export {_variable(key)}={CREDENTIAL}" for key in setup.credentials if own]


def embedded(gateway: str, setup: Setup, identity: str, file: str) -> list[str]:
    """Return the commands with which a stack opens the file itself, without this server."""
    values = {"gateway": gateway, setup.identity: identity, **setup.others, "sandbox": file}
    return [f"pulumi config set whatsapp:{key} {shlex.quote(value)}" for key, value in values.items()]


def curl(setup: Setup, identity: str, request: Request, address: str) -> str:
    """Return a command that sends a logged request again; every text of it is quoted for the shell.

    A credential that is not the sandbox's own is a variable of the environment.
    """
    named = request.target.startswith(setup.prefix.partition("{")[0])
    base_url = address if named else setup.base_url(address, identity)
    first = CREDENTIAL if request.own_credential else f'"${_variable(setup.credentials[0])}"'
    parts = [
        "curl",
        "-X",
        request.method,
        first.join(shlex.quote(part) for part in (base_url + request.target).split(MASK)),
    ]
    for header, template in setup.headers.items():
        parts += ["-H", _header(header, template, setup.credentials, own=request.own_credential)]
    if request.json is not None:
        parts += ["-H", "'Content-Type: application/json'", "-d", shlex.quote(_text(request.json))]
    return " ".join(parts)


def _values(gateway: str, setup: Setup, identity: str, address: str) -> dict[str, str]:
    values = {"gateway": gateway, setup.identity: identity, **setup.others}
    return {**values, "baseUrl": setup.base_url(address, identity)}


def _credential(key: str, *, own: bool) -> str:
    return CREDENTIAL if own else f'"${_variable(key)}"'


def _header(header: str, template: str, keys: Sequence[str], *, own: bool) -> str:
    text = f"{header}: {template}"
    for key in keys:
        text = text.replace(f"{{{key}}}", CREDENTIAL if own else f"${_variable(key)}")
    return f"'{text}'" if own else f'"{text}"'


def _variable(key: str) -> str:
    """Return the provider's variable of the environment for a key: ``WHATSAPP_`` and upper snake case."""
    return "WHATSAPP_" + "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in key)


def _text(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)

"""What is wrong with an account's configuration, in sentences: what, why, and the line that mends it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from pydantic_core import ErrorDetails

from ..spelling import closest
from .environment import variable
from .keys import ACCOUNT_KEYS, DEFAULT, KEYS, NAMESPACE, PROVIDER, SECRETS, called
from .kinds import MISFIT

_QUOTED: Final = 40
"""How many characters of a wrong value a message quotes: a value in the wrong place may be long."""


def full_key(name: str, key: str) -> str:
    """Return a key of the account ``name`` as `pulumi config` spells it, or as an input of an explicit provider."""
    if name.startswith(PROVIDER):
        return f"{key} of {called(name)}"
    return f"{NAMESPACE}:{key}" if name == DEFAULT else f"{NAMESPACE}:accounts.{name}.{key}"


def unknown(name: str, key: str) -> str:
    """Say that there is no such key."""
    meant = closest(key, KEYS if name == DEFAULT else ACCOUNT_KEYS)
    advice = f"did you mean {meant}?" if meant else "remove it"
    return f"{full_key(name, key)} is not a key of this provider; {advice}"


def missing(name: str, key: str, hint: str = "value") -> str:
    """Say that a key is missing, and how to set it."""
    if name.startswith(PROVIDER):
        given = "a value" if hint == "value" else hint
        return f"{full_key(name, key)} is missing (give it {given}, or set {variable(name, key)} in the environment)"
    secret = "--secret " if key in SECRETS else ""
    path = "--path " if name != DEFAULT else ""
    return (
        f"{full_key(name, key)} is missing (pulumi config set {secret}{path}{full_key(name, key)} <{hint}>, "
        f"or {variable(name, key)} in the environment)"
    )


def wrong(spelt: str, key: str, value: object, why: ErrorDetails) -> str:
    """Say what a value must be.

    Args:
        spelt: where it stands: a key of the stack, or a variable.
        key: the key.
        value: what it is; shown where it may be.
        why: what is wrong with it.
    """
    if why["type"] == MISFIT and key not in SECRETS:
        return f"{spelt} is {_shown(key, value)}; it must be {why['msg']}"
    return f"{spelt} is wrong: {why['ctx']['error']}"


def contradiction(name: str, key: str, configured: object, given: str) -> str:
    """Say that the stack and the environment disagree about who the account is."""
    return (
        f"{variable(name, key)} in the environment contradicts {full_key(name, key)}: it is {_shown(key, given)} in "
        f"the environment and {_shown(key, configured)} in the stack; unset the one that is wrong"
    )


def no_address_of_a_sandbox(address: str, sandbox: str) -> str:
    """Say that an embedded sandbox has no address.

    Args:
        address: where ``baseUrl`` stands.
        sandbox: where ``sandbox`` stands.
    """
    return (
        f"{address} and {sandbox} contradict each other: an embedded sandbox has no address; remove the first, or "
        "empty the second for this account"
    )


def exposed(key: str) -> str:
    """Say that a key of the namespace holds a credential in plain text."""
    named = f"{NAMESPACE}:{key}" if key in SECRETS else f"a credential in {NAMESPACE}:{key}"
    how = f"{NAMESPACE}:{key} <value>" if key in SECRETS else f"--path {NAMESPACE}:{key}.<name>.<key> <value>"
    return (
        f"{named} stands in the stack's file in plain text; set it again with pulumi config set --secret {how}, and "
        "have the gateway give out another one"
    )


def unused(spelt: str, gateway: str, used: Sequence[str]) -> str:
    """Say that a key is another gateway's."""
    path = "--path " if "." in spelt else ""
    how = f" (pulumi config rm {path}{spelt})" if spelt.startswith(f"{NAMESPACE}:") else ""
    return f"{spelt} is not used by {gateway}, which takes {', '.join(used)}{how}"


def _shown(key: str, value: object) -> str:
    if key == "baseUrl":
        return repr(_site(str(value)))  # what follows, and what stands before an @, may be a credential
    text = str(value)
    return repr(f"{text[:_QUOTED]}…" if len(text) > _QUOTED else text)


def _site(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "…"
    more = "/…" if parts.path.strip("/") or parts.query else ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{more}" if parts.netloc else "…"

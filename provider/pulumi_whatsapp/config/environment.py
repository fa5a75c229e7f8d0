"""The environment's variables ``WHATSAPP_…``: which key of which account each one gives."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from ..spelling import closest, to_snake
from .keys import ACCOUNT_KEYS, DEFAULT, PROVIDER

_PREFIX: Final = "WHATSAPP_"
_NAMED: Final = "ACCOUNTS_"
_NO_WORD: Final = re.compile(r"[^A-Z0-9]+")
_SHORTEST_MISSPELT: Final = 4  # letters: shorter ones resemble too much


def _words(key: str) -> str:
    return to_snake(key).upper()


_KEYS: Final = {_words(key): key for key in ACCOUNT_KEYS}
_LONGEST_FIRST: Final = sorted(_KEYS.items(), key=lambda pair: -len(pair[0]))  # PHONE_NUMBER_ID before PHONE_NUMBER


def variable(name: str, key: str) -> str:
    """Return the variable that gives a key of the account ``name``."""
    account = "" if name == DEFAULT else f"{_NAMED}{_spelt(name.removeprefix(PROVIDER))}_"
    return f"{_PREFIX}{account}{_words(key)}"


def from_environment(environment: Mapping[str, str], named: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return account name -> key -> value of the variables ``WHATSAPP_…``; empty ones count as absent.

    Args:
        environment: the environment's variables.
        named: the accounts that the stack's configuration names, for the spelling of theirs.
    """
    accounts = [*named]
    found: dict[str, dict[str, str]] = {}
    for rest, value in _ours(environment):
        if rest.startswith(_NAMED):
            meant = _meant(rest, accounts)
            if len(meant) == 1:
                account, key = meant[0]
                found.setdefault(account, {})[key] = value
        elif rest in _KEYS:
            found.setdefault(DEFAULT, {})[_KEYS[rest]] = value
    return found


def _meant(rest: str, named: Iterable[str]) -> list[tuple[str, str]]:
    """Return which key of which account a variable gives.

    ``VIP_CLIENT_TOKEN`` is the token of an account ``vip-client``, or the clientToken of ``vip``: whichever there is.
    Where both are named it may be either, and where neither is, it is the longest key's.
    """
    possible = _possible(rest.removeprefix(_NAMED))
    known = [(name, key) for account, key in possible for name in named if _spelt(name) == account]
    return known or [(account.lower().replace("_", "-"), key) for account, key in possible[:1]]


def _possible(of_account: str) -> list[tuple[str, str]]:
    """Return which key of which account a variable may be: the longest key first."""
    return [
        (of_account.removesuffix(f"_{suffix}"), key)
        for suffix, key in _LONGEST_FIRST
        if of_account.endswith(f"_{suffix}")
    ]


def ignored(environment: Mapping[str, str], named: Collection[str]) -> dict[str, str]:
    """Return the variables that give nothing although somebody seems to count on them: variable -> what to do.

    They are misspelt, or may be of two accounts: a credential must not go to the wrong one. Other programs have
    variables ``WHATSAPP_…`` too, so one that resembles none of ours is not among them.

    Args:
        environment: the environment's variables.
        named: the accounts that the stack's configuration names.
    """
    accounts = sorted((f"{_NAMED}{_spelt(name)}_" for name in named if name != DEFAULT), key=len, reverse=True)
    found: dict[str, str] = {}
    for name, keys in from_environment(environment, named).items():
        meant = closest(name, named) if name != DEFAULT and name not in named and "gateway" not in keys else None
        if meant:
            found |= {variable(name, key): f"did you mean {variable(meant, key)}?" for key in keys}
    for rest, value in _ours(environment):
        several = _meant(rest, named) if rest.startswith(_NAMED) else []
        if len(several) > 1:
            may_be = " or ".join(f"{key} of account {name!r}" for name, key in several)
            found[f"{_PREFIX}{rest}"] = f"it may be {may_be}, so give one of these accounts another name"
            continue
        if len(rest) < _SHORTEST_MISSPELT or from_environment({f"{_PREFIX}{rest}": value}, named):
            continue
        account = next((account for account in accounts if rest.startswith(account)), "")
        possible = list(_KEYS)
        if not account and rest.startswith("ACCOUNT"):
            possible = [f"{other}{words}" for other in accounts for words in _KEYS]
        meant = closest(rest.removeprefix(account), possible)
        if meant:
            found[f"{_PREFIX}{rest}"] = f"did you mean {_PREFIX}{account}{meant}?"
    return found


def _ours(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        (name.removeprefix(_PREFIX), value) for name, value in environment.items() if value and name.startswith(_PREFIX)
    ]


def _spelt(name: str) -> str:
    return _NO_WORD.sub("_", name.upper())

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
    names = {_spelt(name): name for name in named}
    found: dict[str, dict[str, str]] = {}
    for rest, value in _ours(environment):
        if rest.startswith(_NAMED):
            possible = _possible(rest.removeprefix(_NAMED))
            # VIP_CLIENT_TOKEN is the token of an account vip-client where there is one, else the clientToken of vip
            read = next((each for each in possible if each[0] in names), possible[0] if possible else None)
            if read is not None:
                account, key = read
                found.setdefault(names.get(account, account.lower().replace("_", "-")), {})[key] = value
        elif rest in _KEYS:
            found.setdefault(DEFAULT, {})[_KEYS[rest]] = value
    return found


def _possible(of_account: str) -> list[tuple[str, str]]:
    """Return which key of which account a variable may be: the longest key first."""
    return [
        (of_account.removesuffix(f"_{suffix}"), key)
        for suffix, key in _LONGEST_FIRST
        if of_account.endswith(f"_{suffix}")
    ]


def misspelt(environment: Mapping[str, str], named: Collection[str]) -> dict[str, str]:
    """Return the variables that give nothing and look like one that would: variable -> the one that was meant.

    Other programs have variables ``WHATSAPP_…`` too, so one that resembles none of ours is not among them.

    Args:
        environment: the environment's variables.
        named: the accounts that the stack's configuration names.
    """
    accounts = sorted((f"{_NAMED}{_spelt(name)}_" for name in named if name != DEFAULT), key=len, reverse=True)
    found: dict[str, str] = {}
    for name, keys in from_environment(environment, named).items():
        meant = closest(name, named) if name != DEFAULT and name not in named and "gateway" not in keys else None
        if meant:
            found |= {variable(name, key): variable(meant, key) for key in keys}
    for rest, value in _ours(environment):
        if len(rest) < _SHORTEST_MISSPELT or from_environment({f"{_PREFIX}{rest}": value}, named):
            continue
        account = next((account for account in accounts if rest.startswith(account)), "")
        possible = list(_KEYS)
        if not account and rest.startswith("ACCOUNT"):
            possible = [f"{other}{words}" for other in accounts for words in _KEYS]
        meant = closest(rest.removeprefix(account), possible)
        if meant:
            found[f"{_PREFIX}{rest}"] = f"{_PREFIX}{account}{meant}"
    return found


def _ours(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        (name.removeprefix(_PREFIX), value) for name, value in environment.items() if value and name.startswith(_PREFIX)
    ]


def _spelt(name: str) -> str:
    return _NO_WORD.sub("_", name.upper())

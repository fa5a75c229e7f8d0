"""What an update would do to a resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..account.accounts import Accounts
from .inputs import Unknown


@dataclass(frozen=True)
class Diff:
    """Whether anything changes, and the properties whose change needs another resource.

    The new resource is always created before the old one is deleted.
    """

    changes: bool
    replaces: tuple[str, ...] = ()


UNCHANGED: Final = Diff(False)
CHANGED: Final = Diff(True)


def account_moves(outputs: Mapping[str, Any], news: Mapping[str, Any], accounts: Accounts) -> Diff | None:
    """Return what another account means: another resource; None when it is the same one, whatever its name.

    Raises:
        ConfigurationError: when the account of the inputs, or that of the state, is not configured.
    """
    name = news.get("account")
    if isinstance(name, Unknown):
        return CHANGED
    return None if accounts.is_account(name, outputs["accountId"]) else Diff(True, ("account",))

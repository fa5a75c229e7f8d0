"""The one shape of a resource's lifecycle, for every resource and every face."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ..account.accounts import Accounts
from ..account.claims import Declarer
from .diff import Diff
from .inputs import Inputs, Props


class Lifecycle(Protocol):
    """What the engine's calls mean for one kind of resource; a module is one.

    ``news`` are inputs, ``outputs`` what the state holds. Every method raises `WhatsAppError`, and then nothing that it
    did is lost: a gateway's confirmation is always in what is returned, or nothing was confirmed.
    """

    def check(self, news: Mapping[str, Any], olds: Mapping[str, Any], accounts: Accounts, by: Declarer) -> Inputs:
        """Return the checked inputs and why they are not possible, and claim what they declare."""

    async def announce(self, inputs: Inputs) -> None:
        """Say in a preview what a new resource will do, where the engine's own preview does not show it."""

    async def diff(self, outputs: Mapping[str, Any], news: Mapping[str, Any], accounts: Accounts) -> Diff:
        """Return what an update would do, and say so in a preview."""

    async def create(self, news: Props, accounts: Accounts) -> tuple[str, Props]:
        """Make it so; returns the id and the outputs."""

    async def read(self, outputs: Props, accounts: Accounts) -> Props | None:
        """Return the outputs as they are now; None where the resource is gone."""

    async def update(self, outputs: Mapping[str, Any], news: Props, accounts: Accounts) -> Props:
        """Make it so; returns the outputs."""

    async def delete(self, instance: str | None, outputs: Mapping[str, Any], accounts: Accounts) -> None:
        """Take back what the resource owns and no resource of the run declares.

        ``instance`` tells the resource from every other one; see `Accounts.left_out`.
        """

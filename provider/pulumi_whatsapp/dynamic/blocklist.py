"""`Blocklist`: any number of blocked contacts as one resource."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import pulumi

from ..lifecycle import blocklist
from ..lifecycle.protocol import Lifecycle
from ._program import current_run
from ._provider import Provider
from ._resource import Resource, describe, reasons, shared, whole


class BlocklistProvider(Provider):
    """Blocks who is declared. A list that lets somebody go is replaced, and only the delete unblocks."""

    lifecycle: ClassVar[Lifecycle] = blocklist
    inputs: ClassVar[tuple[str, ...]] = ("contacts", "mode", "allowFailures", "account")
    contacts: ClassVar[tuple[str, ...]] = ("contacts",)


class Blocklist(Resource, module="whatsapp", name="Blocklist"):
    """Contacts that an account blocks, as one resource: for more than a few dozen.

    Contacts that cannot be blocked are recorded in ``failed``, the others are blocked, and then the update fails.

    Args:
        resource_name: the resource's name in the program.
        contacts: phone numbers in any spelling, JIDs, LIDs or BSUIDs: a list, or a map from contact to the reason. The
            same contact in two spellings counts once.
        mode: ``additive`` (the default) leaves everybody else alone. ``exclusive`` makes the account's block list equal
            to this one, and unblocks whoever else is on it; it needs a gateway that can list.
        allow_failures: let the update succeed although the gateway refused some contacts; they are tried again when
            the list next changes.
        account: the name of a configured account; the default one when absent.
        opts: Pulumi's resource options.
    """

    _native = pulumi.Alias(type_="whatsapp:index:Blocklist")
    _declares = "contacts"
    contacts: pulumi.Output[Mapping[str, str]]
    """Contact in canonical form -> reason."""
    mode: pulumi.Output[str]
    """``additive`` or ``exclusive``."""
    allow_failures: pulumi.Output[bool | None]
    """Whether refused contacts are only a warning."""
    account: pulumi.Output[str | None]
    """The name of the configured account."""
    foreign: pulumi.Output[Sequence[str]]
    """For an exclusive list, contacts that are blocked and that nobody declared; never unblocked by a destroy."""
    wa_ids: pulumi.Output[Mapping[str, str]]
    """WhatsApp's own ids of contacts, where they are known and differ from the number."""
    user_ids: pulumi.Output[Mapping[str, str]]
    """Business-scoped user ids of contacts that are declared by another name, where they are known."""
    lids: pulumi.Output[Mapping[str, str]]
    """LIDs of contacts that are declared by another name, where they are known."""
    account_id: pulumi.Output[str]
    """The account's public identity, e.g. ``meta/106540352242922``."""

    def __init__(
        self,
        resource_name: str,
        *,
        contacts: pulumi.Input[Sequence[pulumi.Input[str]] | Mapping[str, pulumi.Input[str]]],
        mode: pulumi.Input[Literal["additive", "exclusive"]] | None = None,
        allow_failures: pulumi.Input[bool] | None = None,
        account: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        label = describe(type(self), resource_name)
        where = f"{label}: contacts"
        contacts, account = shared(reasons(contacts, where), where), shared(account, f"{label}: account")
        props: dict[str, Any] = {
            "contacts": whole(contacts, where, current_run()),
            "mode": shared(mode, f"{label}: mode"),
            "allow_failures": shared(allow_failures, f"{label}: allow_failures"),
            "account": account,
            "foreign": None,
            "wa_ids": None,
            "user_ids": None,
            "lids": None,
            "account_id": None,
        }
        super().__init__(BlocklistProvider(), resource_name, props, opts, contacts=contacts)

"""`BlockedContact`: one blocked contact."""

from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import ReadResult

from ..engine.marks import INSTANCE, concealed
from ..lifecycle import contact
from ..lifecycle.protocol import Lifecycle
from ._process import process
from ._provider import Provider, clean
from ._resource import Resource, describe, shared


class BlockedContactProvider(Provider):
    """Blocks on create, unblocks on delete."""

    lifecycle: ClassVar[Lifecycle] = contact
    inputs: ClassVar[tuple[str, ...]] = ()
    contacts: ClassVar[tuple[str, ...]] = ()

    @clean
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Return what is live; most of many contacts are settled by the one listing, without the event loop."""
        outputs = contact.read_seen(props, process().accounts)
        return (
            super().read(id_, props)
            if outputs is None
            else ReadResult(id_, concealed({**outputs, INSTANCE: props.get(INSTANCE)}))
        )


class BlockedContact(Resource, module="whatsapp", name="BlockedContact"):
    """One contact that an account blocks.

    Declaring it takes ownership, whether or not the contact was blocked before: removing it from the program unblocks.

    Args:
        resource_name: the resource's name in the program.
        phone: the contact: a phone number in any spelling (``+55 11 98765-4321``), a JID, a LID, or a BSUID
            (``BR.1502576394655843``) for somebody who hides the number. Another contact is another resource; another
            name of the same one changes nothing on WhatsApp.
        reason: why it is blocked, for whoever reads the program. It stays in the state.
        account: the name of a configured account; the default one when absent.
        opts: Pulumi's resource options.
    """

    _native = pulumi.Alias(type_="whatsapp:index:BlockedContact")
    _declares = "phone"
    phone: pulumi.Output[str]
    """The contact in canonical form: E.164, ``<digits>@lid``, or a BSUID."""
    reason: pulumi.Output[str | None]
    """Why it is blocked."""
    account: pulumi.Output[str | None]
    """The name of the configured account."""
    wa_id: pulumi.Output[str | None]
    """WhatsApp's own id of the contact, which may differ from the number; absent while only another id is known."""
    user_id: pulumi.Output[str | None]
    """The business-scoped user id of a contact that is declared by another name, where it is known."""
    lid: pulumi.Output[str | None]
    """The LID of a contact that is declared by another name, where it is known."""
    account_id: pulumi.Output[str]
    """The account's public identity, e.g. ``zapi/3A5B``."""

    def __init__(
        self,
        resource_name: str,
        *,
        phone: pulumi.Input[str],
        reason: pulumi.Input[str] | None = None,
        account: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        label = describe(type(self), resource_name)
        phone, account = shared(phone, f"{label}: phone"), shared(account, f"{label}: account")
        props: dict[str, Any] = {
            "phone": phone,
            "reason": shared(reason, f"{label}: reason"),
            "account": account,
            "wa_id": None,
            "user_id": None,
            "lid": None,
            "account_id": None,
        }
        super().__init__(BlockedContactProvider(), resource_name, props, opts, contacts=phone)

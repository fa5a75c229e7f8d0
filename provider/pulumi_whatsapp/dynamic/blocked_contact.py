"""`BlockedContact`: one blocked contact."""

from typing import Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from ..lifecycle import contact
from ._process import process
from ._program import current_run
from ._provider import OTHERS, Provider, checked, clean, concealed, differs, from_sdk, recorded
from ._resource import Resource, describe, may_be_secret, shared


class BlockedContactProvider(Provider):
    """Blocks on create, unblocks on delete."""

    @clean
    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Return the inputs in canonical form, and what is wrong with them."""
        return checked(news, lambda props, here: contact.check(props, olds, here.accounts))

    @clean
    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:  # noqa: ARG002
        """Return whether another contact is meant."""
        return differs(contact.diff(olds, from_sdk(news), process().accounts))

    @clean
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Block the contact."""
        here = process()
        id_, outputs = here.run(contact.create(props, here.accounts, here.report))
        return CreateResult(id_, recorded(outputs))

    @clean
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look for the contact on the block list, where the gateway lists it."""
        here = process()
        outputs = contact.read_seen(props, here.accounts) or here.run(contact.read(props, here.accounts))
        return ReadResult(None, {}) if outputs is None else ReadResult(id_, concealed(outputs))

    @clean
    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:  # noqa: ARG002
        """Try again what failed; a new reason or spelling calls no gateway."""
        here = process()
        outputs = here.run(contact.update(olds, news, here.accounts, here.report))
        return UpdateResult(recorded(outputs))

    @clean
    def delete(self, id_: str, props: dict[str, Any]) -> None:  # noqa: ARG002
        """Unblock the contact."""
        here = process()
        here.run(contact.delete(props, here.accounts, here.report))


class BlockedContact(Resource, module="whatsapp", name="BlockedContact"):
    """One contact that an account blocks.

    Declaring it takes ownership, whether or not the contact was blocked before: removing it from the program unblocks.

    Args:
        resource_name: the resource's name in the program.
        phone: the contact: a phone number in any spelling (``+55 11 98765-4321``), a JID or a LID. Another contact is
            another resource; another spelling of the same one changes nothing on WhatsApp.
        reason: why it is blocked, for whoever reads the program. It stays in the state.
        account: the name of a configured account; the default one when absent.
        opts: Pulumi's resource options.
    """

    _declares = "phone"
    phone: pulumi.Output[str]
    """The contact in canonical form: E.164, or ``<digits>@lid``."""
    reason: pulumi.Output[str | None]
    """Why it is blocked."""
    account: pulumi.Output[str | None]
    """The name of the configured account."""
    wa_id: pulumi.Output[str]
    """WhatsApp's own id of the contact, which may differ from the number."""
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
        run = current_run()
        phone, account = shared(phone), shared(account)
        described = describe(type(self), resource_name)
        own = run.declare_contacts(described, account, phone, hidden=may_be_secret(phone))
        props: dict[str, Any] = {
            "phone": phone,
            "reason": reason,
            "account": account,
            "wa_id": None,
            "account_id": None,
        }
        if not isinstance(phone, str):  # only then can an update carry another contact, and unblock the old one
            props[OTHERS] = run.others(own)
        super().__init__(BlockedContactProvider(), resource_name, props, opts, contacts=phone)

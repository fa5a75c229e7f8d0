"""`Blocklist`: any number of blocked contacts as one resource."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import uuid4

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from ..lifecycle import blocklist
from ..lifecycle.inputs import Inputs, Props
from ._process import Process, process
from ._program import current_run
from ._provider import FROZEN, OTHERS, Provider, checked, clean, concealed, differs, from_sdk, recorded
from ._resource import Resource, describe, ignores, may_be_secret, reasons, shared, whole


class BlocklistProvider(Provider):
    """Blocks and unblocks the difference, in as few requests as the gateway allows."""

    @clean
    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Return the contacts as a sorted map, and what is wrong with the inputs."""

        def check(props: Props, here: Process) -> Inputs:
            inputs = blocklist.check(props, olds, here.accounts)
            if not olds and not inputs.failures:
                here.run(blocklist.announce(inputs, here.report))
            return inputs

        return checked(news, check)

    @clean
    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:  # noqa: ARG002
        """Return whether anything is to be done; an exclusive list reads the live one for it."""
        here = process()
        return differs(here.run(blocklist.diff(olds, from_sdk(news), here.accounts, here.report)))

    @clean
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Block the contacts."""
        here = process()
        outputs = here.run(blocklist.create(props, here.accounts, here.report))
        return CreateResult(f"{outputs['accountId']}/blocklist/{uuid4().hex[:12]}", recorded(outputs))

    @clean
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Compare with the live block list, where the gateway lists it."""
        here = process()
        outputs = concealed(here.run(blocklist.read(props, here.accounts)), "contacts")
        inputs = {key: outputs[key] for key in ("contacts", "mode", "allowFailures", "account") if key in outputs}
        return ReadResult(id_, outputs, {key: value for key, value in inputs.items() if value is not None})

    @clean
    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:  # noqa: ARG002
        """Block and unblock what changed, and try again what failed."""
        here = process()
        outputs = here.run(blocklist.update(olds, news, here.accounts, here.report))
        return UpdateResult(recorded(outputs))

    @clean
    def delete(self, id_: str, props: dict[str, Any]) -> None:  # noqa: ARG002
        """Unblock what the list owns."""
        here = process()
        here.run(blocklist.delete(props, here.accounts, here.report))


class Blocklist(Resource, module="whatsapp", name="Blocklist"):
    """Contacts that an account blocks, as one resource: for more than a few dozen.

    Contacts that cannot be blocked are recorded in ``failed``, the others are blocked, and then the update fails.

    Args:
        resource_name: the resource's name in the program.
        contacts: phone numbers in any spelling, JIDs or LIDs: a list, or a map from contact to the reason. The same
            contact in two spellings counts once.
        mode: ``additive`` (the default) leaves everybody else alone. ``exclusive`` makes the account's block list equal
            to this one, and unblocks whoever else is on it; it needs a gateway that can list.
        allow_failures: let the update succeed although the gateway refused some contacts; they are tried again when
            the list next changes.
        account: the name of a configured account; the default one when absent.
        opts: Pulumi's resource options.
    """

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
    """WhatsApp's own ids, where they differ from the number."""
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
        run = current_run()
        described = describe(type(self), resource_name)
        where = f"{described}: contacts"
        contacts, mode, account = shared(reasons(contacts, where)), shared(mode), shared(account)
        allow_failures = shared(allow_failures)
        frozen = ignores(opts, "contacts")
        own = run.declare_contacts(
            described,
            account,
            contacts,
            exclusive=_is_exclusive(mode),
            hidden=may_be_secret(contacts),
            frozen=frozen,
        )
        props = {
            OTHERS: run.others(own),
            FROZEN: frozen or None,
            "contacts": whole(contacts, where, run),
            "mode": mode,
            "allow_failures": allow_failures,
            "account": account,
            "foreign": None,
            "wa_ids": None,
            "account_id": None,
        }
        super().__init__(BlocklistProvider(), resource_name, props, opts, contacts=contacts)


def _is_exclusive(mode: pulumi.Input[str] | None) -> pulumi.Input[bool]:
    if mode is None or isinstance(mode, str):
        return mode == blocklist.EXCLUSIVE
    return pulumi.Output.all(mode).apply(lambda known: known[0] == blocklist.EXCLUSIVE)

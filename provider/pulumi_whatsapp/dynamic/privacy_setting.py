"""`PrivacySetting`: one of an account's privacy settings."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from ..lifecycle import privacy
from ..lifecycle.inputs import Inputs, Props
from ..settings import Setting
from ._process import Process, process
from ._program import current_run
from ._provider import FROZEN, Provider, checked, clean, concealed, differs, from_sdk, recorded
from ._resource import Resource, describe, ignores, reasons, shared, whole

_INPUTS = ("setting", "value", "exceptions", "exceptionsMode", "onDestroy", "baseline", "account")


class PrivacySettingProvider(Provider):
    """Sets on create and update, gives back on delete."""

    @clean
    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Return the inputs in WhatsApp's words, and what is wrong with them."""

        def check(props: Props, here: Process) -> Inputs:
            inputs = privacy.check(props, olds, here.accounts)
            if not olds and not inputs.failures:
                privacy.announce(inputs, here.report)
            return inputs

        return checked(news, check)

    @clean
    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:  # noqa: ARG002
        """Return whether anything is to be done."""
        here = process()
        return differs(here.run(privacy.diff(olds, from_sdk(news), here.accounts, here.report)))

    @clean
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Set the value and the exceptions."""
        here = process()
        id_, outputs = here.run(privacy.create(props, here.accounts))
        return CreateResult(id_, recorded(outputs))

    @clean
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read what the gateway shows of the setting."""
        here = process()
        outputs = concealed(here.run(privacy.read(props, here.accounts, here.report)), "exceptions")
        inputs = {key: outputs[key] for key in _INPUTS if outputs.get(key) is not None}
        return ReadResult(id_, outputs, inputs)

    @clean
    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:  # noqa: ARG002
        """Set what changed, and try again what failed."""
        here = process()
        outputs = here.run(privacy.update(olds, news, here.accounts))
        return UpdateResult(recorded(outputs))

    @clean
    def delete(self, id_: str, props: dict[str, Any]) -> None:  # noqa: ARG002
        """Give back what stood before, where that is known and nobody changed it since."""
        here = process()
        here.run(privacy.delete(props, here.accounts, here.report))


class PrivacySetting(Resource, module="whatsapp", name="PrivacySetting"):
    """One privacy setting of an account.

    Args:
        resource_name: the resource's name in the program.
        setting: ``last_seen``, ``profile_photo``, ``about``, ``group_add``, ``online``, ``read_receipts``, ``call_add``
            or ``default_message_timer``. Another setting is another resource.
        value: one of the setting's values, e.g. ``contacts``; `pulumi_whatsapp.settings.VALUES` has all.
        exceptions: under value ``contact_blacklist``, who is excepted: a list of contacts, or a map to reasons.
        exceptions_mode: ``additive`` (the default) leaves other exceptions alone, ``exclusive`` removes them.
        on_destroy: ``restore`` (the default) sets ``baseline``, or what stood before, if nobody changed the value
            since; ``keep`` leaves the setting as it is.
        baseline: the value that a destroy goes back to; needed where the gateway cannot read what stood before.
        account: the name of a configured account; the default one when absent.
        opts: Pulumi's resource options.
    """

    _declares = "setting"
    setting: pulumi.Output[str]
    """The setting's name."""
    value: pulumi.Output[str]
    """The setting's value."""
    exceptions: pulumi.Output[Mapping[str, str] | None]
    """Excepted contact in canonical form -> reason."""
    exceptions_mode: pulumi.Output[str | None]
    """``additive`` or ``exclusive``."""
    on_destroy: pulumi.Output[str]
    """``restore`` or ``keep``."""
    baseline: pulumi.Output[str | None]
    """The declared value that a destroy goes back to."""
    previous: pulumi.Output[str | None]
    """What stood before, where the gateway could read it and it was another value."""
    account: pulumi.Output[str | None]
    """The name of the configured account."""
    foreign: pulumi.Output[Sequence[str]]
    """For exclusive exceptions, contacts that are excepted and that nobody declared."""
    account_id: pulumi.Output[str]
    """The account's public identity, e.g. ``ryzeapi/support``."""

    def __init__(
        self,
        resource_name: str,
        *,
        setting: pulumi.Input[Setting | str],
        value: pulumi.Input[str],
        exceptions: pulumi.Input[Sequence[pulumi.Input[str]] | Mapping[str, pulumi.Input[str]]] | None = None,
        exceptions_mode: pulumi.Input[Literal["additive", "exclusive"]] | None = None,
        on_destroy: pulumi.Input[Literal["restore", "keep"]] | None = None,
        baseline: pulumi.Input[str] | None = None,
        account: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        run = current_run()
        described = describe(type(self), resource_name)
        where = f"{described}: exceptions"
        setting, exceptions, account = shared(setting), shared(reasons(exceptions, where)), shared(account)
        run.declare_setting(described, account, setting)
        props = {
            "setting": setting,
            "value": value,
            FROZEN: ignores(opts, "exceptions") or None,
            "exceptions": whole(exceptions, where, run),
            "exceptions_mode": exceptions_mode,
            "on_destroy": on_destroy,
            "baseline": baseline,
            "account": account,
            "previous": None,
            "foreign": None,
            "account_id": None,
        }
        # Exceptions that were secret may be dormant when the program has none any more.
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(additional_secret_outputs=["dormant"]))
        super().__init__(PrivacySettingProvider(), resource_name, props, opts, contacts=exceptions)

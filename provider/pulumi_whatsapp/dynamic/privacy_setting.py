"""`PrivacySetting`: one of an account's privacy settings."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import pulumi

from ..lifecycle import privacy
from ..lifecycle.protocol import Lifecycle
from ..privacy_settings import Setting, Value
from ._program import current_run
from ._provider import Provider
from ._resource import Resource, describe, reasons, shared, whole


class PrivacySettingProvider(Provider):
    """Sets on create and update, gives back on delete."""

    lifecycle: ClassVar[Lifecycle] = privacy
    inputs: ClassVar[tuple[str, ...]] = (
        "setting",
        "value",
        "exceptions",
        "exceptionsMode",
        "onDestroy",
        "baseline",
        "account",
    )
    contacts: ClassVar[tuple[str, ...]] = ("exceptions",)


class PrivacySetting(Resource, module="whatsapp", name="PrivacySetting"):
    """One privacy setting of an account.

    Args:
        resource_name: the resource's name in the program.
        setting: ``last_seen``, ``profile_photo``, ``about``, ``group_add``, ``online``, ``read_receipts``, ``call_add``
            or ``default_message_timer``. Another setting is another resource.
        value: one of the setting's values. ``last_seen``, ``profile_photo`` and ``about`` take ``all``, ``contacts``,
            ``contact_blacklist`` and ``none``; ``group_add`` takes the first three of these; ``online`` takes ``all``
            and ``match_last_seen``; ``read_receipts`` takes ``all`` and ``none``; ``call_add`` takes ``all`` and
            ``known``; ``default_message_timer`` takes ``off``, ``24h``, ``7d`` and ``90d``.
        exceptions: under value ``contact_blacklist``, who is excepted: a list of contacts, or a map to reasons.
        exceptions_mode: ``additive`` (the default) leaves other exceptions alone, ``exclusive`` removes them.
        on_destroy: ``restore`` (the default) sets ``baseline``, or what stood before, if nobody changed the value
            since; ``keep`` leaves the setting as it is.
        baseline: the value that a destroy goes back to; needed where the gateway cannot read what stood before.
        account: the name of a configured account; the default one when absent.
        opts: Pulumi's resource options.
    """

    _native = pulumi.Alias(type_="whatsapp:index:PrivacySetting")
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
        value: pulumi.Input[Value | str],
        exceptions: pulumi.Input[Sequence[pulumi.Input[str]] | Mapping[str, pulumi.Input[str]]] | None = None,
        exceptions_mode: pulumi.Input[Literal["additive", "exclusive"]] | None = None,
        on_destroy: pulumi.Input[Literal["restore", "keep"]] | None = None,
        baseline: pulumi.Input[Value | str] | None = None,
        account: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        label = describe(type(self), resource_name)
        where = f"{label}: exceptions"
        setting, account = shared(setting, f"{label}: setting"), shared(account, f"{label}: account")
        exceptions = shared(reasons(exceptions, where), where)
        props = {
            "setting": setting,
            "value": shared(value, f"{label}: value"),
            "exceptions": whole(exceptions, where, current_run()),
            "exceptions_mode": shared(exceptions_mode, f"{label}: exceptions_mode"),
            "on_destroy": shared(on_destroy, f"{label}: on_destroy"),
            "baseline": shared(baseline, f"{label}: baseline"),
            "account": account,
            "previous": None,
            "foreign": None,
            "account_id": None,
        }
        # Exceptions that were secret may be dormant when the program has none any more.
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(additional_secret_outputs=["dormant"]))
        super().__init__(PrivacySettingProvider(), resource_name, props, opts, contacts=exceptions)

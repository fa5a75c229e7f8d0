"""What a Python program declares of the native resources: the dynamic ones' arguments and outputs, on another type."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from typing import Any

import pulumi

from ..account.current import BlockedContacts, PrivacySettings
from ..config import ACCOUNT_KEYS
from ..dynamic import blocked_contact, blocklist, privacy_setting
from ..spelling import to_snake
from .resource_kinds import KINDS, PACKAGE, Kind

_VERSION = version("pulumi-whatsapp")


class _Resource(pulumi.CustomResource):
    _kind: Kind
    _signature: inspect.Signature

    def __init__(self, resource_name: str, **given: Any) -> None:
        self._signature.bind(self, resource_name, **given)  # what it does not take is a TypeError, as everywhere
        opts = given.pop("opts", None)
        names = (*self._kind.inputs, *self._kind.outputs)
        self._wire_names = {to_snake(name): name for name in names}
        defaults = pulumi.ResourceOptions(version=_VERSION, aliases=[pulumi.Alias(type_=self._kind.dynamic)])
        super().__init__(
            self._kind.token,
            resource_name,
            {**dict.fromkeys(self._wire_names), **given},
            pulumi.ResourceOptions.merge(defaults, opts),
        )

    def translate_output_property(self, prop: str) -> str:
        """Return the Python name of a property; a contact in a map stays as it is."""
        return to_snake(prop) if prop in self._wire_names.values() else prop

    def translate_input_property(self, prop: str) -> str:
        """Return the wire name of a property."""
        return self._wire_names.get(prop, prop)


def _native(dynamic: type[pulumi.Resource]) -> Any:
    kind = KINDS[f"{PACKAGE}:index:{dynamic.__name__}"]
    members = {"_kind": kind, "_signature": inspect.signature(dynamic.__init__), "__doc__": dynamic.__doc__}
    native = type(dynamic.__name__, (_Resource,), {**members, "__module__": __name__})
    native.__signature__ = members["_signature"]  # type: ignore[attr-defined]
    native.__annotations__ = dict(dynamic.__annotations__)
    return native


BlockedContact = _native(blocked_contact.BlockedContact)
Blocklist = _native(blocklist.Blocklist)
PrivacySetting = _native(privacy_setting.PrivacySetting)


class Provider(pulumi.ProviderResource):
    """An explicit provider: one account, in place of what the stack configures.

    Args:
        resource_name: the resource's name in the program. Credentials may come from the environment under that name:
            ``WHATSAPP_ACCOUNTS_SUPPORT_TOKEN`` for ``support``.
        opts: Pulumi's resource options.
        keys: the keys of an account, in snake case: ``gateway="meta"``, ``phone_number_id=…``, ``token=…``; the
            table of docs/configuration.md has all of them. Give credentials as secrets.
    """

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **keys: pulumi.Input[Any]
    ) -> None:
        known = {to_snake(key): key for key in ACCOUNT_KEYS}
        for key in keys:
            if key not in known:
                raise TypeError(f"Provider {resource_name!r} has no key {key!r}; it takes {', '.join(known)}")
        opts = pulumi.ResourceOptions.merge(pulumi.ResourceOptions(version=_VERSION), opts)
        super().__init__(PACKAGE, resource_name, {known[key]: value for key, value in keys.items()}, opts)


def get_blocked_contacts(account: str | None = None, opts: pulumi.InvokeOptions | None = None) -> BlockedContacts:
    """Return who an account blocks now, whoever blocked them.

    Args:
        account: the name of a configured account; the provider's own when absent.
        opts: Pulumi's options of a function, e.g. the provider.
    """
    found = _invoke("getBlockedContacts", account, opts)
    return BlockedContacts(found["accountId"], tuple(found["contacts"]), int(found["nameless"]))


def get_privacy_settings(account: str | None = None, opts: pulumi.InvokeOptions | None = None) -> PrivacySettings:
    """Return an account's privacy settings now.

    Args:
        account: the name of a configured account; the provider's own when absent.
        opts: Pulumi's options of a function, e.g. the provider.
    """
    found = _invoke("getPrivacySettings", account, opts)
    return PrivacySettings(found["accountId"], found["values"])


def _invoke(function: str, account: str | None, opts: pulumi.InvokeOptions | None) -> Any:
    args = {} if account is None else {"account": account}
    opts = pulumi.InvokeOptions.merge(pulumi.InvokeOptions(version=_VERSION), opts)
    return pulumi.runtime.invoke(f"{PACKAGE}:index:{function}", args, opts).value

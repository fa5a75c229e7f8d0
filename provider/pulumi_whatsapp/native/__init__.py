"""The resources for every language, over a provider plugin that speaks Pulumi's own protocol.

A Python program uses them like the dynamic ones, with the same arguments and outputs, and takes over their state when
the import changes from ``pulumi_whatsapp`` to ``pulumi_whatsapp.native``; and back. They can be imported
(``opts=pulumi.ResourceOptions(import_=…)``), show what changes contact by contact, and take an explicit `Provider`.
"""

import importlib
import typing

if typing.TYPE_CHECKING:
    from ..dynamic.blocked_contact import BlockedContact
    from ..dynamic.blocklist import Blocklist
    from ..dynamic.privacy_setting import PrivacySetting
    from .declared import Provider, get_blocked_contacts, get_privacy_settings

__all__ = [
    "BlockedContact",
    "Blocklist",
    "PrivacySetting",
    "Provider",
    "get_blocked_contacts",
    "get_privacy_settings",
]


if not typing.TYPE_CHECKING:

    def __getattr__(name: str) -> typing.Any:
        """Import what is first asked for: the plugin's own process declares nothing."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        member = globals()[name] = getattr(importlib.import_module(".declared", __name__), name)
        return member


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""What both faces write into the state beside what the lifecycle records."""

from __future__ import annotations

import os
from typing import Final
from uuid import uuid4

from ..errors import InternalError
from ..lifecycle.inputs import Props
from ..sdk import wrap_rpc_secret

INSTANCE: Final = "instance"
"""The output that tells a resource from every other one, also where two have one id. It never changes."""
ABOUT_CONTACTS: Final = ("waId", "userId", "lid", "waIds", "userIds", "lids", "failed", "foreign", "dormant")
"""The outputs that name contacts, and so are a secret where those are."""


def new_instance() -> str:
    """Return what a new resource has as its `INSTANCE`."""
    return uuid4().hex[:12]


def concealed(outputs: Props, *more: str) -> Props:
    """Return outputs for the engine, marked as secrets where they name contacts that are, or once were, secret.

    The program marks what it gives as a secret itself. The marks here are for what stays behind when a later program
    gives other contacts, and those are none.

    Args:
        outputs: what is recorded.
        more: further properties that may name such contacts.
    """
    if not outputs.get("secret"):
        return outputs
    named = {*ABOUT_CONTACTS, *more}
    return {key: wrap_rpc_secret(value) if key in named and value else value for key, value in outputs.items()}


def fault(error: Exception) -> InternalError:
    """Return the one line for an error that nobody has foreseen."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return InternalError(
        f"{text}; this is a fault of pulumi-whatsapp, please report it with the output of the same command under "
        "WHATSAPP_DEBUG=1"
    )


def debugging() -> bool:
    """Return whether tracebacks are wanted: ``WHATSAPP_DEBUG`` is set."""
    return bool(os.environ.get("WHATSAPP_DEBUG"))

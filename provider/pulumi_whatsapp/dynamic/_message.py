"""What a resource of the program tells the provider with its inputs: one message, which `check` takes off again."""

from __future__ import annotations

from typing import Any, Final, TypedDict, cast

from ..account.claims import Declarer

MESSAGE: Final = "program"
"""The input that carries it."""


class Message(TypedDict):
    """What `check` is not told by the engine.

    It travels as an input, so it holds plain values and nothing that changes what the engine stores.
    """

    run: str
    """The id of the program's run."""
    key: str
    """Tells the resource from the others of the run, and sorts in the program's order."""
    label: str
    """What messages call it."""
    preview: bool
    """Whether the run is a preview."""
    secret: bool
    """Whether the contacts are a secret."""
    hidden: list[str]
    """Those of the other inputs that are a secret."""


def take(props: dict[str, Any]) -> Message | None:
    """Take the message off new inputs; None where the engine keeps all of the state's (``ignore_changes=["*"]``)."""
    message = props.pop(MESSAGE, None)
    return cast("Message", message) if isinstance(message, dict) else None


def declarer(message: Message | None, props: dict[str, Any]) -> Declarer:
    """Return the resource that a message is of.

    Without a message the inputs are the state's, and tell the resource well enough: two of the same are the same
    claim.
    """
    if message is None:
        key, label = f"state/{sorted(props.items(), key=str)}", "a resource with ignore_changes=['*']"
        return Declarer(key, label, secret=bool(props.get("secret")))
    return Declarer(
        message["key"], message["label"], message["preview"], message["secret"], frozenset(message["hidden"])
    )

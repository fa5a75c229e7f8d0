"""Properties from and to the protocol: what is not known yet, and what is a secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.struct_pb2 import Struct

from ..lifecycle.inputs import UNKNOWN, Props, Unknown
from ..sdk import WIRE_UNKNOWN, plain, read_properties, wrap_rpc_secret


@dataclass(frozen=True)
class Received:
    """Properties as the engine sends them.

    Attributes:
        props: their values; one that is not known is `UNKNOWN`.
        secret: the names of those that are a secret, wholly or in part.
    """

    props: Props
    secret: frozenset[str]


def received(message: Struct) -> Received:
    """Return the properties of a message. The provider of a dynamic resource, which it once was, is none of them."""
    found, secret = read_properties(message)
    props = {key: plain(value, UNKNOWN) for key, value in found.items() if not key.startswith("__")}
    return Received(props, secret & props.keys())


def is_unknown(value: Any) -> bool:
    """Return whether a value, or anything in it, is not known yet."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is UNKNOWN or any(map(is_unknown, parts))


def sent(props: Mapping[str, Any], secret: Iterable[str] = ()) -> Struct:
    """Return properties as a message, without those that are None.

    Args:
        props: their values.
        secret: the names of those that are a secret.
    """
    hidden = set(secret)
    message = Struct()
    message.update(
        {
            key: wrap_rpc_secret(_wire(value)) if key in hidden else _wire(value)
            for key, value in props.items()
            if value is not None
        }
    )
    return message


def _wire(value: Any) -> Any:
    if isinstance(value, Unknown):
        return WIRE_UNKNOWN
    if isinstance(value, Mapping):
        return {key: _wire(each) for key, each in value.items()}
    return [_wire(each) for each in value] if isinstance(value, list | tuple) else value

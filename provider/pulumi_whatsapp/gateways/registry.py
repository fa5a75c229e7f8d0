"""The gateways of this release. A new one is a module and a line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Final

from .base import Gateway

_CLASSES: Final = {
    "zapi": "zapi.Zapi",
    "ryzeapi": "ryzeapi.Ryzeapi",
    "360dialog": "dialog360.Dialog360",
    "kaleyra": "kaleyra.Kaleyra",
    "meta": "meta.Meta",
}


@cache
def _imported(path: str) -> type[Gateway]:
    module, _, kind = path.partition(".")
    gateway: type[Gateway] = getattr(import_module(f".{module}", __package__), kind)
    return gateway


class _Gateways(Mapping[str, type[Gateway]]):
    """Each gateway's class; its module is imported when it is asked for, since a process uses one or two of them."""

    def __getitem__(self, name: str) -> type[Gateway]:
        return _imported(_CLASSES[name])

    def __iter__(self) -> Iterator[str]:
        return iter(_CLASSES)

    def __len__(self) -> int:
        return len(_CLASSES)


GATEWAYS: Final[Mapping[str, type[Gateway]]] = _Gateways()

"""Every registered gateway on a sandbox of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_whatsapp.gateways.registry import GATEWAYS

from .stack import SimulatedStack
from .world import World

MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[MakeWorld]:
    """Return what makes a world on a gateway: ``make_world(name, **tuning)``."""
    made: list[World] = []

    def make(gateway: str, *, limits: dict[str, int] | None = None, **tuning: Any) -> World:
        made.append(World(GATEWAYS[gateway], tmp_path, tuning, limits or {}))
        return made[-1]

    yield make
    for world in made:
        world.sandbox.close()


@pytest.fixture(params=list(GATEWAYS))
def world(request: pytest.FixtureRequest, make_world: MakeWorld) -> World:
    """A world on each gateway in turn."""
    return make_world(request.param)


@pytest.fixture
def stack(world: World) -> SimulatedStack:
    """A stack that holds nothing yet."""
    return SimulatedStack(world)

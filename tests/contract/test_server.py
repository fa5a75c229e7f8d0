"""The same over real connections: the provider's own wiring, against the sandbox served on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from pulumi_whatsapp.account.accounts import Accounts
from pulumi_whatsapp.config import load
from pulumi_whatsapp.connect import connect
from pulumi_whatsapp.errors import Unavailable
from pulumi_whatsapp.gateways.registry import GATEWAYS
from whatsapp_sandbox.server import running

from ..unit.fake import Heard
from .stack import SimulatedStack, block_list, privacy_setting
from .world import World, settings

Value = TypeVar("Value")

ANN, BOB, CAT = (f"+4479111200{index:02d}" for index in range(3))
FOREIGN = "+447911199999"


class Served(World):
    """A world whose account answers over HTTP."""

    base_url = ""
    retries = 1

    def run(self, work: Callable[[Accounts], Awaitable[Value]]) -> Value:
        """Do something in a new process of the provider."""
        self.report = Heard()
        given = settings(self.gateway.name, baseUrl=self.base_url, maxRetries=self.retries)
        accounts = connect(load(given, {}, GATEWAYS, root=self.folder), self.report)

        async def here() -> Value:
            try:
                return await work(accounts)
            finally:
                await accounts.named(None).gateway.http.close()

        return asyncio.run(here())


@pytest.fixture(params=list(GATEWAYS))
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """An account on each gateway in turn, served."""
    world = Served(GATEWAYS[request.param], tmp_path)
    with running(world.sandbox.path) as address:
        named = f"/360dialog/{world.identity}" if world.gateway.name == "360dialog" else ""
        world.base_url = address + named
        yield world
    world.sandbox.close()


def test_a_stack_lives_over_http(served: Served) -> None:
    stack, phone = SimulatedStack(served), served.phone
    phone.block(FOREIGN)
    program = {"spam": block_list(ANN, BOB)}
    if served.gateway.capabilities.privacy:
        program["seen"] = privacy_setting("last_seen", "none", baseline="all")
    assert stack.up(**program)
    assert phone.blocked() == {ANN, BOB, FOREIGN}
    assert phone.privacy()["last_seen"] == ("none" if "seen" in program else "all")
    assert stack.refresh()
    assert stack.preview(**program) == dict.fromkeys(program, "same")
    assert stack.up(**{**program, "spam": block_list(BOB, CAT)})
    assert stack.destroy()
    assert phone.blocked() == {FOREIGN}
    assert phone.privacy()["last_seen"] == "all"
    assert stack.world.with_gateway(lambda gateway: gateway.status()).connected


@pytest.mark.parametrize("fault", ["lost_answer", "drop", "garbage"])
def test_a_connection_that_is_lost_in_a_write(served: Served, fault: str) -> None:
    served.retries = 0
    stack, phone = SimulatedStack(served), served.phone
    phone.fault(fault, on="block")
    stack.up(spam=block_list(ANN))
    states = {failure["state"] for failure in stack.failed("spam").values()}
    settled = served.gateway.capabilities.lists_blocked and fault != "drop"
    assert states == (set() if settled else {"unknown"})
    assert stack.up(spam=block_list(ANN))
    assert stack.failed("spam") == {}
    assert phone.blocked() == {ANN}
    assert stack.destroy()
    assert phone.blocked() == set()


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    world = Served(GATEWAYS["meta"], tmp_path)
    world.base_url, world.retries = f"http://127.0.0.1:{port}", 0
    stack = SimulatedStack(world)
    error = stack.up(spam=block_list(ANN)).errors["spam"]
    assert isinstance(error, Unavailable)
    assert f"cannot be reached (127.0.0.1:{port}, " in str(error)
    assert stack.state == {}
    world.sandbox.close()

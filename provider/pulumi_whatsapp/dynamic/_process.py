"""What the provider process keeps from call to call: its accounts, its report and its event loop.

The engine calls the provider's methods on four threads; all of them hand what may wait to the one loop, which owns
the HTTP clients and the limiters, and alone changes what was read of the block lists. Claims are made on any thread.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import pulumi
from pulumi.dynamic import Config, ConfigureRequest

from ..account.accounts import Accounts
from ..config import KEYS, NAMESPACE, own_keys
from ..connect import configuration, connect
from ..engine.ending import Program
from ..engine.engine_report import engine_report
from ..engine.marks import debugging
from ..engine.peers import Peers
from ..sdk import all_values, host_engine_address
from ._message import Message

Value = TypeVar("Value")


class Process:
    """The provider process.

    Args:
        accounts: the configured accounts.
        peers: the other provider processes of the run.
    """

    def __init__(self, accounts: Accounts, peers: Peers) -> None:
        self.accounts = accounts
        self.peers = peers
        self.run_id: str | None = None
        """The run of the program that this process serves, once a resource of it was checked."""
        self._checked: set[str] = set()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="whatsapp", daemon=True).start()

    def hear(self, message: Message | None) -> None:
        """Take what the program says of its run."""
        if message is not None:
            self.run_id = message["run"]
            self.accounts.preview = message["preview"]

    def is_first(self, key: str) -> bool:
        """Return whether a resource is checked for the first time: a replacement is checked twice."""
        first = key not in self._checked
        self._checked.add(key)
        return first

    def run(self, work: Coroutine[Any, Any, Value]) -> Value:
        """Do the work on the loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


_process: Process | None = None
_starting = threading.Lock()


def start(request: ConfigureRequest) -> None:
    """Start the process's own part once, with the configuration that the engine sends."""
    global _process
    with _starting:
        if _process is not None:
            return
        if not debugging():
            # The SDK sends the traceback of whatever a method raises; without it the user reads one line.
            sys.tracebacklimit = 0
        configured = configuration(namespace_values(request.config), os.environ, pulumi.get_project())
        engine = host_engine_address()
        report = engine_report(engine)
        for warning in configured.warnings():
            report.warning(warning)
        peers = Peers(engine)
        peers.join()
        _process = Process(connect(configured, report, Program(engine), peers.claims), peers)


def process() -> Process:
    """Return the provider process; only after `start`."""
    if _process is None:
        raise RuntimeError("the provider was not configured")
    return _process


def namespace_values(config: Config) -> dict[str, str]:
    """Return what a stack configures in the namespace.

    What it needs is asked for, as the SDK wants it. Misspelt keys are looked for beside that.
    """
    known = {f"{NAMESPACE}:{key}": config.get(f"{NAMESPACE}:{key}") for key in KEYS}
    return own_keys({**all_values(config), **known})

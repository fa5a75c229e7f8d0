"""What the provider process keeps from call to call: its accounts, its report and its event loop.

The engine calls the provider's methods on four threads; all of them hand what may wait to the one loop, which owns
the HTTP clients and the limiters, and alone changes what was read of the block lists.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from pulumi.dynamic import ConfigureRequest
from pulumi.metadata import get_project

from ..account.accounts import Accounts
from ..connect import configuration, connect
from ..report import Report
from ._engine import engine_report
from ._keys import provider_configuration

Value = TypeVar("Value")


class Process:
    """The provider process.

    Args:
        accounts: the configured accounts.
        report: where the user reads what goes on.
    """

    def __init__(self, accounts: Accounts, report: Report) -> None:
        self.accounts = accounts
        self.report = report
        self.run_id: str | None = None
        """The run of the program that this process serves, once a resource of it was checked."""
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="whatsapp", daemon=True).start()

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
        configured = configuration(provider_configuration(request.config), os.environ, get_project())
        report = engine_report()
        for warning in configured.warnings():
            report.warning(warning)
        _process = Process(connect(configured, report), report)


def process() -> Process:
    """Return the provider process; only after `start`."""
    if _process is None:
        raise RuntimeError("the provider was not configured")
    return _process


def debugging() -> bool:
    """Return whether tracebacks are wanted: ``WHATSAPP_DEBUG`` is set."""
    return bool(os.environ.get("WHATSAPP_DEBUG"))

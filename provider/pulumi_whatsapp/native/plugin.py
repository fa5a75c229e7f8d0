"""The plugin's process: ``pulumi-resource-whatsapp <engine's address>``."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from typing import Final

import grpc.aio
from pulumi.runtime.proto import provider_pb2_grpc

from ..sdk import CHANNEL_OPTIONS
from .servicer import Servicer

_SECONDS_BETWEEN_LOOKS: Final = 30
"""How often a plugin looks whether its engine is there: one that was killed does not end its plugins."""


def main() -> None:
    """Serve one engine until it ends; without an address, one that attaches."""
    with suppress(KeyboardInterrupt):  # on Windows, where no loop has signal handlers
        asyncio.run(_serve(next((each for each in sys.argv[1:] if not each.startswith("-")), "")))


async def _serve(engine: str) -> None:
    server = grpc.aio.server(options=CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(engine), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    ended = asyncio.Event()
    with suppress(NotImplementedError):
        # With it Pulumi ends a plugin that it asked for the schema alone. What a shell runs in the background ignores
        # the signal, plugins included, so the default is not enough.
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, ended.set)
    print(port, flush=True)  # noqa: T201 - the engine reads it
    if engine:
        gone = asyncio.create_task(_until_gone(engine))
        gone.add_done_callback(lambda _: ended.set())
    try:
        await ended.wait()
    finally:
        await server.stop(None)


async def _until_gone(engine: str) -> None:
    """Return when nobody listens at the engine's address any more."""
    host, _, port = engine.rpartition(":")
    while True:
        await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
        try:
            _, writer = await asyncio.open_connection(host, int(port))
        except ConnectionRefusedError:
            return
        except (OSError, ValueError):
            continue  # what cannot be asked, as for want of a file, has not ended
        writer.close()

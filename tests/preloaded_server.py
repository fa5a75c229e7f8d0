"""Forks processes that have their modules loaded; see `preloaded`. Run with the socket that asks for them."""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import runpy
import signal
import socket
import sys
from contextlib import nullcontext
from typing import Any

from pulumi_whatsapp.gateways.registry import GATEWAYS

from .preloaded import asking

_LOADED = (
    "anyio._backends._asyncio",
    "certifi",
    "dill",
    "grpc._channel",
    "grpc._server",
    "grpc.experimental",
    "h11",
    "httpcore",
    "phonenumbers.data.region_BR",
    "phonenumbers.data.region_US",
    "pulumi.dynamic",
    "pulumi_local_engine.cli",
    "pulumi_whatsapp.dynamic.blocked_contact",
    "pulumi_whatsapp.dynamic.blocklist",
    "pulumi_whatsapp.dynamic.privacy_setting",
    "pulumi_whatsapp.native.plugin",
    "pulumi_whatsapp.transport",
    "pydantic.dataclasses",
    "whatsapp_sandbox.sandbox",
)
_STREAMS = 3
_START_MORE = ("pulumi_local_engine", "pytest")
"""Modules whose processes start others of these."""


def serve(asked: socket.socket) -> dict[str, Any] | None:
    """Fork whatever is asked for; returns in each fork what it has to do, and None at the end of the server."""
    while True:
        head, streams, _, _ = socket.recv_fds(asked, 4, _STREAMS)
        if not head:
            return None
        content = asked.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL)
        read, write = os.pipe()
        between = os.fork()
        if between == 0:
            forked = os.fork()
            if forked != 0:  # whose parent ends at once, so that it becomes a child of whoever asked
                os.write(write, forked.to_bytes(4, "big"))
                os._exit(0)
            os.close(read)
            os.close(write)
            asked.close()
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
            for stream in streams:
                os.close(stream)
            return dict(json.loads(content))
        os.waitpid(between, 0)
        asked.sendall(os.read(read, 4))
        for each in (read, write, *streams):
            os.close(each)


def begin(request: dict[str, Any]) -> None:
    """Be the process that was asked for, as Python would start it."""
    if request["session"]:
        os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    words = list(request["arguments"])
    at_once = words[0] == "-u"
    words = words[at_once:]
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout, sys.stderr = (_writer(number, at_once=at_once or number == 2) for number in (1, 2))
    sys.path[0] = request["folder"]
    sys.path[1:1] = [each for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each not in {"", *sys.path}]
    if words[0] == "-m":
        sys.argv = words[1:]
        with asking(beside()) if words[1] in _START_MORE else nullcontext():
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = words
        runpy.run_path(words[0], run_name="__main__")


def beside() -> socket.socket:
    """Fork a server for what this process starts, which ends with it; returns where it is asked."""
    ours, theirs = socket.socketpair()
    if os.fork() != 0:
        theirs.close()
        return ours
    ours.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(_STREAMS):  # nobody waits for the end of what a server keeps open
        os.dup2(nothing, number)
    os.close(nothing)
    request = serve(theirs)
    if request is not None:
        begin(request)
    sys.exit()


def _writer(number: int, *, at_once: bool) -> io.TextIOWrapper:
    raw = open(number, "wb", 0, closefd=False)  # noqa: SIM115
    errors = "backslashreplace" if number == 2 else "strict"
    return io.TextIOWrapper(raw if at_once else io.BufferedWriter(raw), write_through=at_once, errors=errors)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the tests' own
    for name in _LOADED:
        importlib.import_module(name)
    list(GATEWAYS.values())
    gc.freeze()  # a collection in what is forked would copy all that was loaded
    request = serve(socket.socket(fileno=int(sys.argv[1])))
    if request is not None:
        begin(request)

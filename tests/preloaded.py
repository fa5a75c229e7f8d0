"""Processes that begin with their modules loaded: importing those is most of what a test of processes waits for.

With ``pytest --preloaded`` (`make test`) a server imports what the processes under test import. It forks one of them
wherever a test, or the local engine in it, starts Python on a module of this package, on pytest or on the engine's
child. What it forks is a process as any other, with its own arguments, environment, folder, pipes and session, and a
child of whoever started it; one that starts more of them has a server of its own. `make test-all` starts every process
anew.

It needs Linux, and does nothing elsewhere.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pulumi_local_engine

_ROOT: Final = Path(__file__).parents[1]
_PROVIDER: Final = Path(pulumi_local_engine.__file__).parents[1]
_CHILD: Final = str(_PROVIDER / "pulumi_local_engine" / "_child.py")
_MODULES: Final = ("pulumi_whatsapp", "pulumi.dynamic", "pulumi_local_engine", "pytest")
_SUBREAPER: Final = 36
"""``PR_SET_CHILD_SUBREAPER`` of prctl(2)."""
_BY_NAME: Final = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
"""What the server does for itself; any other variable of Python's, or of a locale, asks for a process of its own."""
OF_ITS_OWN: Final = {"PYTHONFAULTHANDLER": "1"}
"""Such a variable, for whoever looks for the children of a process by their command lines."""


class Server:
    """A server, and the way to it.

    Args:
        way: where it is asked.
    """

    def __init__(self, way: socket.socket) -> None:
        self._environment = _of_python(os.environ)
        self._asking = threading.Lock()
        self._way = way

    def takes(self, arguments: Sequence[Any], environment: Any) -> bool:
        """Return whether it can fork such a process."""
        words = [str(word) for word in arguments]
        if words[:1] != [sys.executable]:
            return False
        words = [word for word in words[1:] if word != "-u"]
        if "-W" in words:  # pytest warns of plugins that are imported already
            return False
        begins = words[:1] == [_CHILD] or (words[:1] == ["-m"] and words[1].startswith(_MODULES))
        own = os.environ if environment is None else environment
        return begins and _of_python(own) == self._environment and not _has_another(own)

    def fork(self, request: dict[str, Any], streams: Sequence[int]) -> int:
        """Return the id of a new process, a child of this one."""
        prctl = ctypes.CDLL(None).prctl
        content = json.dumps(request).encode()
        with self._asking:  # one at a time: the next one would get this one's answer
            prctl(_SUBREAPER, 1)  # whoever is forked loses its parent at once, and becomes ours
            try:
                socket.send_fds(self._way, [len(content).to_bytes(4, "big")], list(streams))
                self._way.sendall(content)
                return int.from_bytes(self._way.recv(4, socket.MSG_WAITALL), "big")
            finally:
                prctl(_SUBREAPER, 0)


def _of_python(environment: Any) -> dict[str, str]:
    said = ("PYTHON", "LC_", "LANG", "GRPC_")
    return {name: value for name, value in environment.items() if name.startswith(said) and name not in _BY_NAME}


def _has_another(environment: Any) -> bool:
    """Return whether a process would find these packages elsewhere, such as in a copy of the repository."""
    places = map(Path, environment.get("PYTHONPATH", "").split(os.pathsep))
    return any((place / "pulumi_whatsapp").is_dir() and not place.samefile(_PROVIDER) for place in places)


_ANEW: Final = subprocess.Popen


@contextmanager
def preloaded() -> Iterator[None]:
    """Let a server fork the processes that begin while the block runs. It ends then; what it forked goes on."""
    ours, theirs = socket.socketpair()
    with theirs:
        os.set_inheritable(theirs.fileno(), True)
        command = [sys.executable, "-m", "tests.preloaded_server", str(theirs.fileno())]
        server = _ANEW(command, cwd=_ROOT, pass_fds=[theirs.fileno()], start_new_session=True)
    with ours, asking(ours):
        yield
    server.wait()


@contextmanager
def asking(way: socket.socket) -> Iterator[None]:
    """Ask a server for the processes that begin while the block runs.

    Args:
        way: where it is asked.
    """
    server = Server(way)

    class Popen(_ANEW):  # type: ignore[misc, valid-type]
        """A process, forked where the server can."""

        def _execute_child(self, args: Any, executable: Any, *more: Any) -> None:
            _, _, pass_fds, cwd, env, _, _, shell, *pipes = more
            if shell or pass_fds or isinstance(args, str | bytes | os.PathLike) or not server.takes(args, env):
                super()._execute_child(args, executable, *more)
                return
            child = (pipes[0], pipes[3], pipes[5])
            request = {
                "arguments": [str(word) for word in args[1:]],
                "folder": str(cwd or Path.cwd()),
                "environment": dict(os.environ if env is None else env),
                "session": bool(pipes[11]),
            }
            streams = [fd if stream == -1 else stream for stream, fd in zip(child, (0, 1, 2), strict=True)]
            self.pid = server.fork(request, streams)
            self._child_created = True
            self._close_pipe_fds(*pipes[:6])

    subprocess.Popen = Popen  # type: ignore[misc]
    try:
        yield
    finally:
        subprocess.Popen = _ANEW  # type: ignore[misc]

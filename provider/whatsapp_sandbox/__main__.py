"""``python -m whatsapp_sandbox FILE``: serve a sandbox file on loopback."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .server import PORT, ServerMissingError, serve
from .store import NotASandboxError


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m whatsapp_sandbox", description="Serve a sandbox file, with its live page."
    )
    parser.add_argument("file", help="the sandbox; made when missing")
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    parser.add_argument("--port", type=int, default=PORT, help=f"default: {PORT}; 0 takes a free one")
    options = parser.parse_args(arguments)
    try:
        serve(options.file, options.host, options.port)
    except KeyboardInterrupt:
        return 0
    except (NotASandboxError, ServerMissingError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

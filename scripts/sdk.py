"""``make sdk``: generates the SDKs under sdk/ from the schema, each language whose generator is on PATH."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from pulumi_whatsapp.native.schema import text

SDK: Final = Path(__file__).resolve().parents[1] / "sdk"
LANGUAGES: Final = ("nodejs", "python", "go", "dotnet", "java")
LOGO: Final = SDK / "logo.png"
MADE: Final = SDK / "made.json"
"""Of which schema each SDK was made, and by which release of Pulumi."""


def source() -> dict[str, str]:
    """Return what an SDK that is made now is made of."""
    return {"schema": hashlib.sha256(text().encode()).hexdigest(), "pulumi": _pulumi()}


def _pulumi() -> str:
    if not shutil.which("pulumi"):
        return ""
    return subprocess.run(["pulumi", "version"], check=True, capture_output=True, text=True).stdout.strip()


def lacking(language: str) -> str | None:
    """Return what is missing to generate the SDK of a language, or None."""
    return next((name for name in ("pulumi", f"pulumi-language-{language}") if not shutil.which(name)), None)


def generate(language: str, folder: Path) -> Path:
    """Generate the SDK of a language; returns its folder, in `folder`.

    Raises:
        subprocess.CalledProcessError: when the generator fails.
    """
    with _served(SDK) as address, tempfile.TemporaryDirectory() as temporary:
        schema = json.loads(text())
        schema["logoUrl"] = f"{address}/{LOGO.name}"  # the generator for .NET downloads it, else one from the internet
        file = Path(temporary) / "schema.json"
        file.write_text(json.dumps(schema), encoding="utf-8")
        command = ["pulumi", "package", "gen-sdk", str(file), "--language", language, "--out", str(folder)]
        subprocess.run(command, check=True, capture_output=True, text=True)
    return folder / language


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; gives its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def main() -> int:
    """Generate all; returns 1 where a generator is missing."""
    status = 0
    made = json.loads(MADE.read_text(encoding="utf-8"))
    for language in LANGUAGES:
        missing = lacking(language)
        if missing:
            print(f"error: sdk/{language} is left as it is: {missing} is not on PATH", file=sys.stderr)
            status = 1
            continue
        with tempfile.TemporaryDirectory() as temporary:
            generated = generate(language, Path(temporary))
            shutil.rmtree(SDK / language, ignore_errors=True)
            shutil.copytree(generated, SDK / language)
        made[language] = source()
        print(f"sdk/{language}")
    MADE.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main())

"""``make gateway NAME=acme TITLE=Acme``: writes a gateway that works on its own sandbox wire, to be filled in.

docs/add-a-gateway.md says what to do with it.
"""

from __future__ import annotations

import keyword
import os
import re
import subprocess
import sys
from pathlib import Path
from string import Template
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
_TEMPLATES: Final = Path(__file__).with_name("gateway")
_FILES: Final = {
    "gateway.txt": "provider/pulumi_whatsapp/gateways/{name}.py",
    "wire.txt": "provider/whatsapp_sandbox/{name}.py",
    "test.txt": "tests/unit/test_{name}.py",
}
_REGISTRY: Final = ROOT / "provider/pulumi_whatsapp/gateways/registry.py"
_WIRES: Final = ROOT / "provider/whatsapp_sandbox/gateways.py"
_PAGE: Final = ROOT / "docs/gateways.md"


def main(name: str, title: str) -> str | None:
    """Write everything; return what is wrong instead, before anything is written."""
    files = {template: ROOT / path.format(name=name) for template, path in _FILES.items()}
    if why := _wrong(name, title, files):
        return why
    words = {"name": name, "title": title, "class_": name.capitalize()}
    written = {path: _filled(template, words) for template, path in files.items()}
    written[_REGISTRY] = _before(_read(_REGISTRY), "}\n", f'    "{name}": "{name}.{words["class_"]}",\n')
    wires = _before(_read(_WIRES), "from .faults", f"from .{name} import {words['class_']}\n")
    written[_WIRES] = _before(wires, "    )\n}\n", f"        {words['class_']}(),\n")
    written[_PAGE] = _read(_PAGE) + _filled("section.txt", words)
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    python = [str(path) for path in written if path.suffix == ".py"]
    _run("-m", "ruff", "check", "--quiet", "--select", "I", "--fix", *python)
    _run("-m", "ruff", "format", "--quiet", *python)
    _run("scripts/tables.py")
    _run("scripts/schema.py")
    print(*(path.relative_to(ROOT) for path in written), "provider/pulumi_whatsapp/native/schema.json", sep="\n")
    print("and the tables of docs/")
    return None


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _filled(template: str, words: dict[str, str]) -> str:
    return Template(_read(_TEMPLATES / template)).substitute(words)


def _wrong(name: str, title: str, files: dict[str, Path]) -> str | None:
    if not re.fullmatch(r"[a-z][a-z0-9]{1,19}", name) or keyword.iskeyword(name):
        return f"NAME={name} is no name of a module; give 2 to 20 small letters and digits, e.g. NAME=acme"
    if any(re.search(rf"\b{name.capitalize()}\b", _read(_TEMPLATES / template)) for template in files):
        return f"NAME={name} would be a class {name.capitalize()}, which there is already; choose another"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 .-]{0,28}[A-Za-z0-9]", title):
        return f"TITLE={title} is no title; give 2 to 30 letters, digits, spaces, dots and hyphens, e.g. TITLE=Acme"
    if f"\n## {title}\n" in _read(_PAGE):
        return f"TITLE={title} has a section in {_PAGE.relative_to(ROOT)} already; choose another"
    there = next((path for path in files.values() if path.exists()), None)
    return f"{there.relative_to(ROOT)} is there already; choose another NAME" if there else None


def _before(text: str, mark: str, line: str) -> str:
    """Put a line before the first place of a mark."""
    before, found, after = text.partition(mark)
    if not found:
        raise SystemExit(f"error: {mark!r} is not where it was; see {__file__}")
    return f"{before}{line}{found}{after}"


def _run(*arguments: str) -> None:
    """Run Python on this tree, wherever the package is installed from."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "provider")}
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, env=environment)


if __name__ == "__main__":
    if len(sys.argv) != 3 or not all(sys.argv[1:]):
        sys.exit("error: make gateway NAME=acme TITLE=Acme")
    if why := main(*sys.argv[1:]):
        sys.exit(f"error: {why}")

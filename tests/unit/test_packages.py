"""What each import package loads, and the dotted paths that are a promise."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

PROVIDER = Path(__file__).parents[2] / "provider"

MAY_IMPORT = {
    "pulumi_local_engine": set[str](),
    "whatsapp_sandbox": set[str](),
    "pytest_whatsapp": {"pulumi_local_engine", "whatsapp_sandbox"},
    "pulumi_whatsapp": {"pulumi_local_engine", "whatsapp_sandbox"},
}
"""The packages of this repository that each one may import beside itself."""

LOADS_NOTHING_OF = {
    "whatsapp_sandbox": {"pulumi", "grpc", "pulumi_whatsapp", "pulumi_local_engine"},
    "pytest_whatsapp": {"pulumi", "grpc", "pulumi_whatsapp", "pulumi_local_engine", "whatsapp_sandbox", "httpx"},
    "pulumi_local_engine": {"pulumi_whatsapp", "whatsapp_sandbox", "httpx", "phonenumbers"},
}


def _imported(package: str) -> set[str]:
    found = set()
    for path in (PROVIDER / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.partition(".")[0])
            elif isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
    return (found & set(MAY_IMPORT)) - {package}


def test_there_is_no_other_package() -> None:
    assert {path.parent.name for path in PROVIDER.glob("*/__init__.py")} == set(MAY_IMPORT)
    assert {path.parent.name for path in PROVIDER.glob("*/py.typed")} == set(MAY_IMPORT)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_it_may(package: str) -> None:
    assert _imported(package) <= MAY_IMPORT[package]


@pytest.mark.parametrize("package", LOADS_NOTHING_OF)
def test_an_import_loads_nothing_that_it_does_not_need(package: str) -> None:
    code = f"import sys, {package}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & LOADS_NOTHING_OF[package]


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("pulumi_whatsapp.dynamic.blocked_contact", ["BlockedContactProvider"]),
        ("pulumi_whatsapp.dynamic.blocklist", ["BlocklistProvider"]),
        ("pulumi_whatsapp.dynamic.privacy_setting", ["PrivacySettingProvider"]),
        ("pulumi_local_engine", ["Engine", "EngineError", "Result"]),
        ("whatsapp_sandbox", ["Sandbox", "SandboxAccount", "FAULTS"]),
        ("pytest_whatsapp", ["MakeStack", "Stack"]),
    ],
)
def test_these_paths_never_change(module: str, names: list[str]) -> None:
    """States refer to the providers by their dotted paths, and programs and tests of users to the others."""
    assert all(hasattr(importlib.import_module(module), name) for name in names)

"""What users hold on to: the public names, what stands in their state, and that importing changes nothing."""

from __future__ import annotations

import base64
import inspect
import pickle
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from pulumi.dynamic.dynamic import serialize_provider

import pulumi_whatsapp
from pulumi_whatsapp.dynamic._provider import Provider
from pulumi_whatsapp.dynamic.blocked_contact import BlockedContactProvider
from pulumi_whatsapp.dynamic.blocklist import BlocklistProvider
from pulumi_whatsapp.dynamic.privacy_setting import PrivacySettingProvider

ROOT = Path(__file__).parents[2]


def test_whatever_is_public_is_exported_and_nothing_else() -> None:
    public = [
        name
        for name in dir(pulumi_whatsapp)
        if not name.startswith("_") and not isinstance(getattr(pulumi_whatsapp, name), ModuleType)
    ]
    assert sorted(pulumi_whatsapp.__all__) == sorted(public)
    assert len(set(pulumi_whatsapp.__all__)) == len(pulumi_whatsapp.__all__)


@pytest.mark.parametrize("name", pulumi_whatsapp.__all__)
def test_each_public_name_is_documented(name: str) -> None:
    member = getattr(pulumi_whatsapp, name)
    assert member.__doc__
    assert not member.__doc__.startswith(f"{name}(")  # a dataclass writes that one itself


# What functions return, and what other errors have in common, stands in their docstrings.
@pytest.mark.parametrize("name", sorted(set(pulumi_whatsapp.__all__) - {"GatewayError"}))
def test_the_pages_have_each_public_name(name: str) -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    assert any(re.search(rf"\b{name}\b", page.read_text(encoding="utf-8")) for page in pages)


@pytest.mark.parametrize(
    ("resource", "inputs"),
    [
        (pulumi_whatsapp.BlockedContact, {"phone", "reason", "account"}),
        (pulumi_whatsapp.Blocklist, {"contacts", "mode", "allow_failures", "account"}),
        (
            pulumi_whatsapp.PrivacySetting,
            {"setting", "value", "exceptions", "exceptions_mode", "on_destroy", "baseline", "account"},
        ),
    ],
)
def test_inputs_are_keywords_and_typed(resource: type, inputs: set[str]) -> None:
    parameters = inspect.signature(resource).parameters
    assert {name for name, one in parameters.items() if one.kind is one.KEYWORD_ONLY} == inputs | {"opts"}
    assert [name for name, one in parameters.items() if one.kind is not one.KEYWORD_ONLY] == ["resource_name"]
    assert all(one.annotation is not one.empty for one in parameters.values())


# It stands in the state of every resource, so it never changes: a dotted path, and no code.
FROZEN: dict[type[Provider], bytes] = {
    BlockedContactProvider: (
        b"\x80\x04\x95I\x00\x00\x00\x00\x00\x00\x00"
        b"\x8c'pulumi_whatsapp.dynamic.blocked_contact\x94\x8c\x16BlockedContactProvider\x94\x93\x94)\x81\x94."
    ),
    BlocklistProvider: (
        b"\x80\x04\x95>\x00\x00\x00\x00\x00\x00\x00"
        b"\x8c!pulumi_whatsapp.dynamic.blocklist\x94\x8c\x11BlocklistProvider\x94\x93\x94)\x81\x94."
    ),
    PrivacySettingProvider: (
        b"\x80\x04\x95I\x00\x00\x00\x00\x00\x00\x00"
        b"\x8c'pulumi_whatsapp.dynamic.privacy_setting\x94\x8c\x16PrivacySettingProvider\x94\x93\x94)\x81\x94."
    ),
}


@pytest.mark.parametrize("provider", FROZEN)
def test_the_serialized_provider_never_changes(provider: type[Provider]) -> None:
    serialized = base64.b64decode(serialize_provider(provider()))
    assert serialized[:2] == bytes([0x80, pickle.DEFAULT_PROTOCOL])  # the one thing that is Python's to choose
    assert serialized[2:] == FROZEN[provider][2:]
    assert type(pickle.loads(FROZEN[provider])) is provider


@pytest.mark.parametrize(
    ("resource", "token"),
    [
        (pulumi_whatsapp.BlockedContact, "dynamic/whatsapp:BlockedContact"),
        (pulumi_whatsapp.Blocklist, "dynamic/whatsapp:Blocklist"),
        (pulumi_whatsapp.PrivacySetting, "dynamic/whatsapp:PrivacySetting"),
    ],
)
def test_the_types_in_the_state_never_change(resource: type, token: str) -> None:
    assert getattr(resource, "_resource_type_name") == token  # noqa: B009 - the SDK's own


_IMPORTING = """
import asyncio, logging, sys, threading, warnings
import pulumi, pulumi.dynamic, httpx, pydantic, phonenumbers, aiolimiter, aiorwlock
def state():
    loggers = [logging.getLogger(name) for name in (None, "httpx", "httpcore", "pulumi", "asyncio")]
    return {
        "traceback limit": getattr(sys, "tracebacklimit", None),
        "logging": [(log.level, list(log.handlers), list(log.filters), log.disabled) for log in loggers],
        "threads": [thread.name for thread in threading.enumerate()],
        "loop policy": type(asyncio.get_event_loop_policy()),
        "running loop": asyncio._get_running_loop(),
        "warnings": list(warnings.filters),
        "hooks": (sys.excepthook, threading.excepthook),
        "stdout": (sys.stdout, sys.stderr),
        "path": list(sys.path),
    }
before = state()
from pulumi_whatsapp import *
after = state()
for key in before:
    if before[key] != after[key]:
        print(key, before[key], after[key])
print("starlette" in sys.modules, "typer" in sys.modules)
"""


_CHECKING = """
import sys
from pulumi.dynamic import Config, ConfigureRequest
from pulumi_whatsapp.dynamic.blocklist import BlocklistProvider
config = {"whatsapp:gateway": "meta", "whatsapp:token": "t", "whatsapp:phoneNumberId": "106540352242922"}
provider = BlocklistProvider()
provider.configure(ConfigureRequest(Config(config, "shop")))
assert not provider.check({}, {"contacts": ["+5511987654321"]}).failures
print(*sorted(sys.modules))
"""
_SLOW_TO_IMPORT = {"httpx", "pydantic", "starlette", "tenacity"}
_NOT_ASKED_FOR = {"gateways.zapi", "gateways.ryzeapi", "live", "dynamic.privacy_setting"}


def test_the_first_answer_of_a_provider_waits_for_no_module_that_only_a_request_needs() -> None:
    run = subprocess.run([sys.executable, "-c", _CHECKING], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(run.stdout.split())
    assert "pulumi_whatsapp.gateways.meta" in loaded
    assert loaded & {*_SLOW_TO_IMPORT, *(f"pulumi_whatsapp.{name}" for name in _NOT_ASKED_FOR)} == set()


def test_importing_changes_nothing_of_the_process() -> None:
    run = subprocess.run([sys.executable, "-c", _IMPORTING], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.split() == ["False", "False"]
    assert run.stderr == ""

"""The Automation API: inline programs, of which several may run in one process at the same time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from whatsapp_sandbox import Sandbox

from .world import NO_CLI, ONE, STRANGER, THREE, TWO

pytestmark = [pytest.mark.engine, pytest.mark.slow, NO_CLI]

DRIVER = """
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import pulumi
from pulumi import automation
import pulumi_whatsapp as whatsapp


def program(lists, contacts):
    def declare():
        before = None
        for name, people in lists.items():
            before = whatsapp.Blocklist(name, contacts=people)
        for name, phone in contacts.items():
            opts = pulumi.ResourceOptions(depends_on=[before] if before else None)
            whatsapp.BlockedContact(name, phone=phone, opts=opts)

    return declare


def up(name, config, lists, contacts):
    stack = automation.create_or_select_stack(name, "demo", program(lists, contacts))
    stack.set_all_config({f"whatsapp:{key}": automation.ConfigValue(value) for key, value in config.items()})
    try:
        return {"error": None, "summary": stack.up().summary.resource_changes}
    except automation.errors.CommandError as error:
        return {"error": str(error)}


jobs = json.load(sys.stdin)
with ThreadPoolExecutor(len(jobs)) as pool:
    print(json.dumps([each.result() for each in [pool.submit(up, **job) for job in jobs]]))
"""


@pytest.fixture
def drive(tmp_path: Path, sandbox: Sandbox) -> Any:
    """Bring stacks up, all at the same time: stack -> lists and contacts. Each has an account of its own."""
    environment = {
        **os.environ,
        "PULUMI_BACKEND_URL": (tmp_path / "backend").as_uri(),
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "correct horse",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_PYTHON_CMD": sys.executable,
    }
    (tmp_path / "backend").mkdir()

    def drive(**stacks: dict[str, Any]) -> dict[str, dict[str, Any]]:
        jobs = [
            {
                "name": name,
                "config": {"gateway": "360dialog", "phoneNumber": number(name), "sandbox": str(sandbox.path)},
                "lists": {},
                "contacts": {},
                **declared,
            }
            for name, declared in stacks.items()
        ]
        ran = subprocess.run(
            [sys.executable, "-c", DRIVER],
            cwd=tmp_path,
            env=environment,
            input=json.dumps(jobs),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "Traceback" not in ran.stderr, ran.stderr
        return dict(zip(stacks, json.loads(ran.stdout.splitlines()[-1]), strict=True))

    return drive


def number(stack: str) -> str:
    """Return the number of a stack's account."""
    return {"one": "+16505550001", "two": "+16505550002"}[stack]


def unblocked(sandbox: Sandbox, stack: str) -> list[str]:
    """Return what was sent to unblock somebody."""
    requests = sandbox.account("360dialog", number(stack)).requests()
    return [json.dumps(request.json) for request in requests if request.operation == "unblock"]


def test_an_inline_program_moves_a_contact(sandbox: Sandbox, drive: Any) -> None:
    account = sandbox.account("360dialog", number("one"))
    account.block(STRANGER)
    assert drive(one={"lists": {"l": [ONE, TWO]}})["one"]["error"] is None
    account.let_a_day_pass()

    moved = drive(one={"lists": {"l": [TWO]}, "contacts": {"x": ONE}})["one"]

    assert moved["error"] is None
    assert unblocked(sandbox, "one") == []
    assert account.blocked() == {ONE, TWO, STRANGER}


def test_stacks_in_parallel_do_not_mix_what_they_declare(sandbox: Sandbox, drive: Any) -> None:
    """The one lets go of a contact that the other declares, and the other moves one that the first lets go."""
    one, two = (sandbox.account("360dialog", number(stack)) for stack in ("one", "two"))
    before = {"lists": {"l": [ONE, TWO, THREE]}}
    assert [each["error"] for each in drive(one=before, two=before).values()] == [None, None]
    for account in (one, two):
        account.let_a_day_pass()

    after = drive(one={"lists": {"l": [TWO, THREE]}}, two={"lists": {"l": [TWO, THREE]}, "contacts": {"x": ONE}})

    assert [each["error"] for each in after.values()] == [None, None]
    assert (one.blocked(), two.blocked()) == ({TWO, THREE}, {ONE, TWO, THREE})
    assert unblocked(sandbox, "two") == []


def test_a_refused_contact_fails_an_inline_program_after_its_deletes(sandbox: Sandbox, drive: Any) -> None:
    account = sandbox.account("360dialog", number("one"))
    drive(one={"lists": {"l": [ONE, TWO]}})
    account.contact(THREE, messaged_recently=False)

    failed = drive(one={"lists": {"l": [TWO, THREE]}})["one"]["error"]

    lines = [line.strip() for line in failed.splitlines() if "not as declared" in line]
    assert any(f"Blocklist 'l': 1 not as declared: {THREE} refused (" in line for line in lines), failed
    assert "Traceback" not in failed
    assert account.blocked() == {TWO}

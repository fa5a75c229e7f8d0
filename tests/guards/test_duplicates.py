"""What is declared twice for one account is an error at preview that names both resources."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Deploy
from .world import ONE, STRANGER, TWO, only_error, variant, well

HEAD = f'one = pulumi.Output.from_input("{ONE}")\n'
CONTACT = 'whatsapp.BlockedContact("{}", phone={})\n'
LIST = 'whatsapp.Blocklist("{}", contacts=[{}])\n'

PAIRS = {
    "two contacts": CONTACT.format("a", f'"{ONE}"') + CONTACT.format("b", f'"{ONE[1:]}@c.us"'),
    "a contact and a list": CONTACT.format("a", f'"{ONE}"') + LIST.format("b", f'"{TWO}", "1 650 555 1001"'),
    "two lists": LIST.format("a", f'"{TWO}", "{ONE}"') + LIST.format("b", f'"{ONE}"'),
    "two that are Outputs": CONTACT.format("a", "one") + LIST.format("b", "one"),
    "an Output first": CONTACT.format("a", "one") + CONTACT.format("b", f'"{ONE}"'),
}
QUICK = ["two contacts", "a contact and a list"]


@pytest.mark.parametrize("pair", [*QUICK, *map(variant, sorted(PAIRS.keys() - QUICK))])
def test_a_contact_declared_twice_is_an_error(deploy: Deploy, pair: str) -> None:
    stack = deploy()
    stack.stack.program(HEAD + PAIRS[pair])

    error = only_error(stack.stack.preview())

    assert f"{ONE} is declared twice for sandbox/meta/106540352242922" in error
    assert "'a'" in error
    assert "'b'" in error
    assert "remove it from one of them" in error
    assert stack.quiet()

    assert "is declared twice" in only_error(stack.stack.up())
    stack.holds(*stack.recorded())
    stack.up("")
    stack.holds()


LATER = """
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Numbers(ResourceProvider):
    def create(self, props):
        return CreateResult("numbers", {{"number": props["given"]}})

class Number(Resource):
    number: pulumi.Output[str]
    def __init__(self, name, given):
        super().__init__(Numbers(), name, {{"given": given, "number": None}})

whatsapp.BlockedContact("a", phone="{one}")
{kind}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    [CONTACT.format("b", 'Number("source", "{one}").number'), LIST.format("b", 'Number("source", "{one}").number')],
    ids=["contact", "list"],
)
def test_a_contact_that_turns_out_to_be_declared_twice_is_an_error(deploy: Deploy, kind: str) -> None:
    """Only the update knows what the other resource gives; whoever was blocked by then stays blocked, and owned."""
    stack = deploy()
    stack.account.block(STRANGER)
    stack.stack.program(LATER.format(one=ONE, kind=kind.format(one=ONE)))
    well(stack.stack.preview())

    error = only_error(stack.stack.up())
    assert f"{ONE} is declared twice for sandbox/meta/106540352242922" in error
    assert "'a'" in error
    assert "'b'" in error
    stack.account.let_a_day_pass()
    assert "is declared twice" in only_error(stack.stack.up())
    assert stack.unblocked() == set()
    stack.blocked(ONE, STRANGER)

    stack.up(CONTACT.format("a", f'"{ONE}"'))
    assert stack.unblocked() == set()
    stack.holds(ONE, others=[STRANGER])


@pytest.mark.slow
def test_a_contact_declared_under_two_names_of_one_account_is_an_error(deploy: Deploy) -> None:
    stack = deploy()
    keys = {"gateway": "meta", "phoneNumberId": "106540352242922"}
    stack.configure(accounts={"sales": keys, "support": keys, "other": {**keys, "phoneNumberId": "7"}})
    program = f"""
        whatsapp.BlockedContact("a", phone="{ONE}", account="sales")
        whatsapp.BlockedContact("b", phone="{ONE}", account="{{}}")
    """
    stack.stack.program(program.format("support"))
    assert "is declared twice" in only_error(stack.stack.preview())

    stack.up(program.format("other"))
    assert stack.account.blocked() == stack.at("meta", "7").blocked() == {ONE}


@pytest.mark.slow
def test_two_reasons_for_one_contact(deploy: Deploy) -> None:
    stack = deploy()
    stack.stack.program(f'whatsapp.Blocklist("a", contacts={{"{ONE}": "spam", "{ONE[1:]}@c.us": "fraud"}})')
    error = only_error(stack.stack.preview())
    assert f"{ONE} has two reasons" in error
    assert "'spam'" in error
    assert "'fraud'" in error
    assert stack.quiet()


MOCKED = """
import pulumi
import pytest

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return f"{args.name}-id", args.inputs
    def call(self, args):
        return {}

@pytest.mark.parametrize("turn", [1, 2])
def test_program(turn):
    pulumi.runtime.set_mocks(Mocks())
    import pulumi_whatsapp as whatsapp

    @pulumi.runtime.test
    def run():
        whatsapp.BlockedContact("a", phone="+16505551001")
        listed = whatsapp.Blocklist("list", contacts=["+16505551002"])
        whatsapp.PrivacySetting("seen", setting="about", value="contact_blacklist", exceptions=["+16505551003"])
        def check(contacts):
            assert contacts == {"+16505551002": ""}

        return listed.contacts.apply(check)

    run()
"""


MOCKED_FAILURE = """
import pulumi

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        failed = {"+16505551002": {"state": "refused", "why": "not engaged"}}
        return f"{args.name}-id", {**args.inputs, "failed": failed, "failedRun": args.inputs["program"]["run"]}
    def call(self, args):
        return {}

def test_program():
    pulumi.runtime.set_mocks(Mocks())
    import pulumi_whatsapp as whatsapp

    @pulumi.runtime.test
    def run():
        def check(failed):
            assert failed["+16505551002"]["state"] == "refused"

        return whatsapp.Blocklist("list", contacts=["+16505551002"]).failed.apply(check)

    run()
"""


@pytest.mark.slow
@pytest.mark.parametrize(("tests", "passed"), [(MOCKED, "2 passed"), (MOCKED_FAILURE, "1 passed")])
def test_tests_of_a_program_pass_with_mocks(tmp_path: Path, tests: str, passed: str) -> None:
    (tmp_path / "test_mocked.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "test_mocked.py"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert passed in ran.stdout, ran.stdout

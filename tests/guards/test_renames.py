"""A contact that only changes its resource's name stays blocked: nothing is sent to unblock it."""

from __future__ import annotations

import pytest

from .conftest import Deploy
from .world import (
    DIALOG,
    FIRST_BY_TRANSFORMATION,
    FIVE,
    FOUR,
    META,
    ONE,
    RUN_GOES_ON,
    STRANGER,
    THREE,
    TWO,
    ZAPI,
    keys_of,
    only_cli,
    only_dynamic,
    only_error,
    said,
    variant,
)

NAMED = 'whatsapp.BlockedContact("{name}", phone="{phone}")\n'


@pytest.mark.parametrize("gateway", [META, variant(ZAPI)])
def test_a_renamed_contact_stays_blocked(deploy: Deploy, gateway: str) -> None:
    stack = deploy(gateway)
    stack.account.block(STRANGER)
    stack.up(NAMED.format(name="old", phone=ONE))
    stack.account.let_a_day_pass()

    renamed = stack.up(NAMED.format(name="new", phone=ONE))

    assert renamed.steps == {"new": ["create"], "old": ["delete"]}
    said(renamed, "still blocked, because another resource of the program declares", ONE)
    assert stack.unblocked() == set()
    stack.holds(ONE, others=[STRANGER])
    stack.destroy()
    stack.blocked(STRANGER)


@pytest.mark.slow
def test_a_rename_that_was_interrupted_stays_blocked(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(NAMED.format(name="old", phone=ONE))
    stack.account.let_a_day_pass()
    broken = """
        new = whatsapp.BlockedContact("new", phone="{phone}")
        def stop(_):
            raise pulumi.RunError("stopped by the test")
        pulumi.Output.all(new.id).apply(stop)
    """
    assert stack.fails(broken.format(phone=ONE)) == "stopped by the test"
    assert set(stack.stack.state()) == {"old", "new"}

    resumed = stack.up(NAMED.format(name="new", phone=ONE))

    assert resumed.steps == {"old": ["delete"]}
    assert stack.unblocked() == set()
    stack.holds(ONE)


BROKEN = """
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Works(ResourceProvider):
    def create(self, props):
        if {broken}:
            raise Exception("broken")
        return CreateResult("works", {{}})

class Work(Resource):
    def __init__(self, name):
        super().__init__(Works(), name, {{}})

work = Work("work")
whatsapp.{new}, opts=pulumi.ResourceOptions(depends_on=[work]))
"""


@only_cli
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f'BlockedContact("old", phone="{ONE}"', f'BlockedContact("new", phone="{ONE}"'),
        (f'Blocklist("old", contacts=["{ONE}"]', f'Blocklist("new", contacts=["{ONE}"]'),
    ],
    ids=["contact", "list"],
)
def test_a_contact_whose_new_resource_is_left_out_keeps_the_old_one(deploy: Deploy, old: str, new: str) -> None:
    stack = deploy()
    stack.up(f"whatsapp.{old})")
    stack.account.let_a_day_pass()
    stack.stack.program(BROKEN.format(broken=True, new=new))

    left_out = stack.stack.up("--continue-on-error")

    assert left_out.exit != 0
    said(left_out, "declares it and has not blocked it", "'new'", ONE)
    assert set(stack.stack.state()) == {"old"}
    stack.holds(ONE)

    stack.up(BROKEN.format(broken=False, new=new))
    assert set(stack.stack.state()) == {"new"}
    assert stack.unblocked() == set()
    stack.holds(ONE)


@only_cli
def test_a_contact_whose_new_resource_was_left_out_is_unblocked_when_it_is_removed(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(NAMED.format(name="old", phone=ONE))
    stack.stack.program(BROKEN.format(broken=True, new=f'BlockedContact("new", phone="{ONE}"'))
    assert stack.stack.up("--continue-on-error").exit != 0

    stack.up("")
    stack.holds()


@only_dynamic("the class refuses it; the engine tells no plugin")
@pytest.mark.parametrize(
    "declared",
    [f'BlockedContact("res", phone="{ONE}"', variant(f'Blocklist("res", contacts=["{ONE}"]')],
    ids=["contact", "list"],
)
def test_delete_before_replace_is_refused(deploy: Deploy, declared: str) -> None:
    stack = deploy()
    stack.up(f"whatsapp.{declared})")
    stack.account.let_a_day_pass()
    first = f"whatsapp.{declared}, opts=pulumi.ResourceOptions(delete_before_replace=True))"

    error = stack.fails(first)

    assert "'res': delete_before_replace is not possible" in error
    stack.holds(ONE)


def test_a_delete_before_the_end_of_the_program_unblocks_nobody(deploy: Deploy, engine: str) -> None:
    """A transformation can ask for what the constructor refuses; the provider cannot know yet who is declared.

    The local engine refuses it before the provider is asked.
    """
    stack = deploy()
    stack.up(f'whatsapp.Blocklist("list", contacts=["{ONE}", "{TWO}"])')
    stack.account.let_a_day_pass()
    moved = f'''
listed = whatsapp.Blocklist("list", contacts=["{TWO}"])
whatsapp.BlockedContact("taker", phone="{ONE}", opts=pulumi.ResourceOptions(depends_on=[listed]))
'''

    if engine == "local":
        error = stack.fails(FIRST_BY_TRANSFORMATION + moved)
        assert "the local engine does not do `delete_before_replace`" in error
        stack.holds(ONE, TWO)
    else:
        stack.deletes_too_early(moved, ONE, TWO)


@only_cli
def test_an_early_delete_under_an_alias_unblocks_nobody(deploy: Deploy) -> None:
    """The engine deletes what stood under another name."""
    stack = deploy()
    stack.up(f'whatsapp.Blocklist("old", contacts=["{ONE}", "{TWO}"])')
    stack.account.let_a_day_pass()
    moved = f"""
alias = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old")])
listed = whatsapp.Blocklist("new", contacts=["{TWO}"], opts=alias)
whatsapp.BlockedContact("taker", phone="{ONE}", opts=pulumi.ResourceOptions(depends_on=[listed]))
"""

    stack.deletes_too_early(moved, ONE, TWO)


@pytest.mark.slow
def test_a_delete_that_failed_once_is_done_by_the_next_up(deploy: Deploy) -> None:
    stack = deploy(maxRetries=0)
    stack.up(NAMED.format(name="contact", phone=ONE))
    stack.account.fault("outage", on="unblock")
    assert "contacts are not unblocked yet" in stack.fails(NAMED.format(name="contact", phone=TWO))
    stack.blocked(ONE, TWO)

    stack.up()
    stack.holds(TWO)


@only_dynamic(RUN_GOES_ON)
@pytest.mark.slow
def test_who_is_replaced_goes_although_the_new_one_is_refused(deploy: Deploy) -> None:
    """The program does not declare the old one any more, and a refusal stops no delete."""
    stack = deploy(DIALOG)
    stack.up(NAMED.format(name="contact", phone=ONE))
    stack.account.contact(TWO, messaged_recently=False)

    error = stack.fails(NAMED.format(name="contact", phone=TWO))
    assert f"BlockedContact 'contact': 1 not as declared: {TWO} refused (" in error
    stack.holds()
    assert stack.failed("contact") == {TWO: "refused"}

    stack.account.contact(TWO, messaged_recently=True)
    stack.up()
    stack.holds(TWO)


@pytest.mark.slow
def test_a_failed_delete_is_forgotten_when_the_contact_comes_back(deploy: Deploy) -> None:
    stack = deploy(maxRetries=0)
    stack.up(NAMED.format(name="contact", phone=ONE))
    stack.account.fault("outage", on="unblock")
    stack.fails(NAMED.format(name="contact", phone=TWO))
    stack.account.clear_requests()

    stack.up(NAMED.format(name="contact", phone=ONE))

    assert stack.unblocked() == keys_of([TWO])
    stack.holds(ONE)


@pytest.mark.slow
def test_a_failed_delete_is_forgotten_when_the_contact_comes_back_under_another_name(deploy: Deploy) -> None:
    stack = deploy(maxRetries=0)
    stack.up(NAMED.format(name="old", phone=ONE))
    stack.account.fault("outage", on="unblock")
    assert "contacts are not unblocked yet" in stack.fails("")
    stack.holds(ONE)
    stack.account.clear_requests()

    stack.up(NAMED.format(name="new", phone=ONE))

    assert stack.unblocked() == set()
    assert set(stack.stack.state()) == {"new"}
    stack.holds(ONE)


@only_cli
@pytest.mark.parametrize("gateway", [META, ZAPI])
def test_a_forced_replacement_stays_blocked(deploy: Deploy, gateway: str) -> None:
    stack = deploy(gateway)
    stack.up(NAMED.format(name="contact", phone=ONE) + f'whatsapp.Blocklist("list", contacts=["{TWO}"])')
    if gateway != ZAPI:
        stack.account.let_a_day_pass()

    replaced = stack.up(None, "--replace", "**::contact", "--replace", "**::list")

    assert replaced.steps == {
        name: ["create-replacement", "replace", "delete-replaced"] for name in ("contact", "list")
    }
    assert stack.unblocked() == set()
    stack.holds(ONE, TWO)


@pytest.mark.slow
@pytest.mark.parametrize("gateway", [META, variant(ZAPI)])
def test_a_renamed_list_stays_blocked(deploy: Deploy, gateway: str) -> None:
    stack = deploy(gateway)
    stack.up(f'whatsapp.Blocklist("old", contacts=["{ONE}", "{TWO}"])')
    if gateway == META:
        stack.account.let_a_day_pass()

    renamed = stack.up(f'whatsapp.Blocklist("new", contacts=["{ONE}", "{TWO}"])')

    assert renamed.steps == {"new": ["create"], "old": ["delete"]}
    assert stack.unblocked() == set()
    stack.holds(ONE, TWO)


def test_reads_are_no_claims(deploy: Deploy) -> None:
    stack = deploy()
    stack.account.block(STRANGER)
    listed = 'whatsapp.Blocklist("{name}", contacts={contacts})\n'
    kept = NAMED.format(name="a", phone=ONE)
    gone = NAMED.format(name="b", phone=TWO) + listed.format(name="gone", contacts=[THREE])
    stack.up(kept + gone + listed.format(name="list", contacts=[FOUR, FIVE]))

    stack.up(kept + listed.format(name="list", contacts=[FOUR]), "--refresh")
    stack.holds(ONE, FOUR, others=[STRANGER])
    stack.destroy("--refresh")
    stack.holds(others=[STRANGER])
    assert stack.stack.state() == {}


@pytest.mark.slow
def test_a_rename_while_the_account_is_out_of_reach_changes_nothing(deploy: Deploy) -> None:
    stack = deploy(DIALOG, maxRetries=0)
    stack.up(NAMED.format(name="old", phone=ONE))
    stack.account.fault("outage", times=None)
    stack.stack.program(NAMED.format(name="new", phone=ONE))
    assert "360dialog" in only_error(stack.stack.up())
    stack.account.clear_faults()

    stack.up()
    assert stack.unblocked() == set()
    stack.holds(ONE)

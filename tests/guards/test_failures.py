"""What a gateway did not confirm is not recorded, what it confirmed is, and each failure keeps its owner."""

from __future__ import annotations

import pytest

from .conftest import Deploy
from .world import (
    DIALOG,
    FIVE,
    FOUR,
    LEFT_OUT,
    META,
    ONE,
    RUN_GOES_ON,
    STRANGER,
    THREE,
    TWO,
    ZAPI,
    DeployedWorld,
    also_quickly_native,
    keys_of,
    only_cli,
    only_dynamic,
    only_native,
    said,
    variant,
    well,
)

LIST = 'whatsapp.Blocklist("list", contacts={}{})'


@only_dynamic(RUN_GOES_ON)
def test_who_was_refused_is_never_unblocked(deploy: Deploy) -> None:
    stack = deploy(DIALOG)
    stack.account.contact(TWO, messaged_recently=False)
    contact = f'\nwhatsapp.BlockedContact("contact", phone="{ONE}")'
    error = stack.fails(LIST.format([TWO, THREE], "") + contact)
    assert f"Blocklist 'list': 1 not as declared: {TWO} refused (" in error
    assert "131047" in error
    stack.holds(ONE, THREE)
    stack.account.block(TWO)

    stack.up(LIST.format([THREE], "") + contact)
    stack.destroy()

    assert stack.unblocked() == keys_of([ONE, THREE])
    stack.blocked(TWO)


@pytest.mark.slow
def test_a_contact_that_was_refused_is_recorded_and_not_ours(deploy: Deploy) -> None:
    stack = deploy(DIALOG)
    stack.account.contact(ONE, messaged_recently=False)
    error = stack.fails(f'whatsapp.BlockedContact("contact", phone="{ONE}")')
    assert f"BlockedContact 'contact': 1 not as declared: {ONE} refused (" in error
    assert stack.failed("contact") == {ONE: "refused"}
    stack.holds()
    stack.account.block(ONE)

    stack.up("")
    assert stack.unblocked() == set()
    stack.holds(others=[ONE])


@only_dynamic(RUN_GOES_ON)
def test_one_refused_contact_does_not_stop_the_deletes(deploy: Deploy) -> None:
    """The run goes on, deletes included, and then fails: one line a resource, equal reasons together."""
    stack = deploy(DIALOG)
    stack.up(LIST.format([ONE, TWO], "") + f'\nwhatsapp.BlockedContact("gone", phone="{THREE}")')
    for refused in (FOUR, FIVE):
        stack.account.contact(refused, messaged_recently=False)

    single = f'\nwhatsapp.BlockedContact("single", phone="{STRANGER}")'
    stack.account.contact(STRANGER, messaged_recently=False)
    stack.stack.program(LIST.format([ONE, FOUR, FIVE], "") + single)
    failed = stack.stack.up()

    assert failed.exit == 1
    lines = [line for error in failed.errors for line in error.splitlines()]
    assert len(lines) == 2, lines
    assert f"BlockedContact 'single': 1 not as declared: {STRANGER} refused (" in lines[0]
    assert f"Blocklist 'list': 2 not as declared: {FOUR}, {FIVE} refused (" in lines[1]
    assert lines[1].count("131047") == 1
    assert "Traceback" not in failed.output + failed.log
    assert stack.unblocked() == keys_of([TWO, THREE])
    stack.holds(ONE)


@pytest.mark.slow
def test_the_next_up_tries_again(deploy: Deploy) -> None:
    stack = deploy(DIALOG)
    stack.account.contact(TWO, messaged_recently=False)
    stack.fails(LIST.format([ONE, TWO], ""))
    said(stack.stack.preview(), f"Blocklist 'list': blocks 1: {TWO}")

    stack.fails()
    stack.account.contact(TWO, messaged_recently=True)
    stack.up()
    stack.holds(ONE, TWO)
    assert stack.failed("list") == {}


@pytest.mark.slow
def test_who_may_be_blocked_is_unblocked_when_removed(deploy: Deploy) -> None:
    stack = deploy(ZAPI, maxRetries=0)
    kinds = {
        "Blocklist": 'whatsapp.Blocklist("{0}", contacts=["{1}"])',
        "BlockedContact": 'whatsapp.BlockedContact("{0}", phone="{1}")',
    }
    for kind, declared in kinds.items():
        stack.account.fault("lost_answer", on="block")
        error = stack.fails(declared.format(kind, ONE))
        assert f"{kind} '{kind}': 1 not as declared: {ONE} unknown" in error
        assert stack.failed(kind) == {ONE: "unknown"}
        stack.blocked(ONE)

        stack.up("")
        stack.holds()


def test_a_lost_answer_is_settled_by_the_list(deploy: Deploy) -> None:
    stack = deploy(DIALOG, maxRetries=0)
    stack.account.fault("lost_answer", on="block")
    stack.up(LIST.format([ONE, TWO], ""))
    stack.holds(ONE, TWO)
    assert stack.failed("list") == {}


@also_quickly_native
def test_an_unblock_that_failed_is_kept_and_tried_again(deploy: Deploy) -> None:
    stack = deploy(maxRetries=0)
    stack.up(LIST.format([ONE, TWO], ""))
    stack.account.fault("outage", on="unblock", times=None)

    first = stack.fails(LIST.format([ONE, THREE], ""))
    assert f"1 of 2 contacts are not unblocked yet ({TWO})" in first
    assert "the state keeps them, and the next run tries again" in first
    assert stack.left_behind() == {"list"}
    stack.holds(ONE, TWO, THREE)
    again = stack.fails(LIST.format([ONE, THREE, FOUR], ""))
    assert f"({TWO})" in again
    stack.holds(ONE, TWO, THREE, FOUR)
    stuck = stack.stack.destroy()
    assert stuck.exit != 0
    said(stuck, "contacts are not unblocked yet", "the next run tries again")
    stack.holds(ONE, TWO, THREE, FOUR)

    stack.account.clear_faults()
    stack.destroy()
    stack.holds()
    assert stack.stack.resources() == []


@pytest.mark.slow
def test_nobody_is_unblocked_before_the_others_are_blocked(deploy: Deploy) -> None:
    stack = deploy(ZAPI, maxRetries=0)
    stack.up(LIST.format([ONE], ""))
    stack.account.fault("rate_limit", on="block")

    stack.fails(LIST.format([TWO], ""))
    assert stack.unblocked() == set()
    stack.holds(ONE)
    stack.up()
    stack.holds(TWO)


@pytest.mark.slow
def test_an_unblock_that_failed_is_forgotten_when_the_contact_is_declared_again(deploy: Deploy) -> None:
    stack = deploy(maxRetries=0)
    stack.up(LIST.format([ONE, TWO], ""))
    stack.account.fault("outage", on="unblock")
    stack.fails(LIST.format([ONE, THREE], ""))
    stack.account.clear_requests()

    stack.up(LIST.format([ONE, TWO, THREE], ""))
    assert stack.unblocked() == set()
    assert stack.failed("list") == {}
    stack.holds(ONE, TWO, THREE)


@pytest.mark.slow
@pytest.mark.parametrize("allowed", ["True", variant("pulumi.Output.from_input(True)"), variant("later(True)")])
def test_allowed_refusals_are_a_warning_once(deploy: Deploy, allowed: str) -> None:
    stack = deploy(DIALOG)
    stack.account.contact(TWO, messaged_recently=False)

    program = "async def later(value):\n    return value\n\n" + LIST.format([ONE, TWO], f", allow_failures={allowed}")
    said(stack.up(program), f"{TWO} refused")
    stack.holds(ONE)
    stack.account.clear_requests()
    quiet = stack.up()
    assert (quiet.steps, quiet.said) == ({}, [])
    assert stack.quiet()

    stack.account.contact(TWO, messaged_recently=True)
    assert stack.up().steps == {}
    stack.up(None, WHATSAPP_RETRY_REFUSED="true")
    stack.holds(ONE, TWO)
    assert stack.failed("list") == {}


@pytest.mark.slow
def test_allowed_refusals_are_tried_again_when_the_list_changes(deploy: Deploy) -> None:
    stack = deploy(DIALOG)
    stack.account.contact(TWO, messaged_recently=False)
    stack.up(LIST.format([ONE, TWO], ", allow_failures=True"))

    stack.account.contact(TWO, messaged_recently=True)
    stack.up(LIST.format([ONE, TWO, THREE], ", allow_failures=True"))

    stack.holds(ONE, TWO, THREE)
    assert stack.failed("list") == {}


@pytest.mark.slow
@pytest.mark.parametrize("gateway", [META, variant(ZAPI)])
def test_whom_a_gateway_refuses_to_unblock_is_ours_until_given_up(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch, gateway: str
) -> None:
    stack = deploy(gateway)
    stack.up(LIST.format([ONE, TWO], "") + f'\nwhatsapp.BlockedContact("contact", phone="{THREE}")')
    stack.account.fault("reject_unblock", times=None)

    stuck = stack.stack.destroy()
    assert stuck.exit != 0
    said(stuck, f"if {ONE}, {TWO} can never be unblocked", "name them in WHATSAPP_GIVE_UP")
    stack.holds(ONE, TWO, THREE)
    monkeypatch.setenv("WHATSAPP_GIVE_UP", f"{ONE},{TWO},{THREE}")
    said(stack.destroy(), f"{ONE}, {TWO} of ", "may still be blocked")
    assert stack.stack.state() == {}
    stack.blocked(ONE, TWO, THREE)


@pytest.mark.slow
@pytest.mark.parametrize("gateway", [META, variant(ZAPI)])
def test_a_refusal_that_names_no_contact_forgets_nobody(deploy: Deploy, gateway: str) -> None:
    stack = deploy(gateway)
    stack.up(LIST.format([ONE, TWO], "") + f'\nwhatsapp.BlockedContact("contact", phone="{THREE}")')
    stack.account.fault("html", on="unblock", times=None, status=402)

    stuck = stack.stack.destroy()
    assert stuck.exit != 0
    said(stuck, "not unblocked yet", "HTTP 402")
    stack.holds(ONE, TWO, THREE)
    stack.account.clear_faults()
    stack.destroy()
    stack.holds()


@pytest.mark.slow
def test_a_lost_answer_is_not_an_allowed_failure(deploy: Deploy) -> None:
    stack = deploy(ZAPI, maxRetries=0)
    stack.account.fault("lost_answer", on="block")
    error = stack.fails(LIST.format([ONE], ", allow_failures=True"))
    assert f"{ONE} unknown" in error
    stack.holds(ONE)

    stack.up()
    assert stack.failed("list") == {}
    stack.up("")
    stack.holds()


@pytest.mark.slow
def test_old_failures_fail_neither_a_refresh_nor_a_destroy(deploy: Deploy) -> None:
    stack = deploy(DIALOG)
    stack.account.block(STRANGER)
    stack.account.contact(TWO, messaged_recently=False)
    stack.fails(LIST.format([ONE, TWO], ""))

    well(stack.stack.refresh())
    assert stack.failed("list") == {TWO: "refused"}
    well(stack.stack.preview())
    stack.destroy()
    stack.holds(others=[STRANGER])
    assert keys_of([TWO, STRANGER]).isdisjoint(stack.unblocked())


@only_dynamic(RUN_GOES_ON, on_cli_alone=True)
def test_old_failures_do_not_fail_another_run(deploy: Deploy) -> None:
    stack = deploy(DIALOG)
    stack.account.block(STRANGER)
    stack.account.contact(TWO, messaged_recently=False)
    program = LIST.format([ONE, TWO], "") + '\nwhatsapp.BlockedContact("contact", phone="{}", reason="{}")'
    stack.fails(program.format(THREE, "first"))

    well(stack.stack.up("--target", "**::contact"))
    stack.up(program.format(THREE, "second"), "--target", "**::contact")
    well(stack.stack.refresh())
    well(stack.stack.destroy("--run-program"))
    assert stack.stack.state() == {}
    stack.blocked(STRANGER)


@only_cli
def test_a_destroy_that_runs_the_program_unblocks_all_the_same(deploy: Deploy) -> None:
    stack = deploy()
    stack.account.block(STRANGER)
    stack.up(f'whatsapp.BlockedContact("contact", phone="{ONE}")\n{LIST.format([TWO], "")}')
    stack.stack.program(f'whatsapp.BlockedContact("contact", phone="{ONE}")\n{LIST.format([TWO, THREE], "")}')

    well(stack.stack.destroy("--run-program"))

    assert stack.stack.state() == {}
    stack.blocked(STRANGER)


@only_dynamic(LEFT_OUT, on_cli_alone=True)
def test_a_destroy_that_runs_the_program_keeps_whom_a_resource_declares_that_was_never_deployed(
    deploy: Deploy,
) -> None:
    """Nothing tells it from a targeted delete, which must leave that one alone; a plain destroy asks no program."""
    stack = deploy()
    stack.up(f'whatsapp.BlockedContact("contact", phone="{ONE}")\n{LIST.format([TWO], "")}')
    stack.stack.program(f'whatsapp.BlockedContact("new-name", phone="{ONE}")\n{LIST.format([TWO, THREE], "")}')

    refused = stack.stack.destroy("--run-program")

    assert refused.exit != 0
    said(refused, "BlockedContact 'new-name' declares it, and this run leaves that resource out")
    assert ONE in stack.account.blocked()
    stack.destroy()
    assert stack.stack.state() == {}
    stack.blocked()


_ANOTHER = """
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider

class Anything(ResourceProvider):
    def create(self, props):
        if {fails}:
            raise Exception("no")
        return CreateResult("x", {{}})

    def diff(self, id, olds, news):
        return DiffResult(changes=True, replaces=["x"])

class Bucket(Resource):
    def __init__(self, name):
        super().__init__(Anything(), name, {{}}, None)

whatsapp.BlockedContact("other", phone="{two}")
first = Bucket("bucket")
"""
_OF_IT = 'first.id.apply(lambda _: whatsapp.BlockedContact("then", phone="{one}"))'


@only_dynamic("a native resource does not hear of a foreign one", on_cli_alone=True)
def test_nobody_goes_behind_another_resource_that_failed(deploy: Deploy) -> None:
    """The program goes on without what it makes of that one's outputs, and ends well."""
    stack = deploy()
    program = _ANOTHER + _OF_IT.format(one=ONE)
    stack.up(program.format(fails=False, two=TWO))
    stack.account.let_a_day_pass()

    stack.stack.program(program.format(fails=True, two=TWO))
    failed = stack.stack.up("--continue-on-error")

    assert failed.exit != 0
    said(failed, "nobody is unblocked and nothing is set back after 'bucket' failed", "mend that")
    assert stack.unblocked() == set()
    stack.up(program.format(fails=False, two=TWO))
    stack.holds(ONE, TWO)


def _nobody_goes_while_it_fails(stack: DeployedWorld, program: str) -> None:
    """Run a program whose first resource cannot block, and then again, when it can."""
    stack.account.fault("outage", on="block", times=None)

    stack.stack.program(program)
    failed = stack.stack.up("--continue-on-error")

    assert failed.exit != 0
    said(failed, "nobody is unblocked", "or after a part of it failed")
    assert stack.unblocked() == set()
    stack.account.clear_faults()
    stack.up()


@only_native
def test_nobody_goes_behind_a_resource_of_ours_that_failed(deploy: Deploy) -> None:
    """As above; and what was to go in that run goes in the next one."""
    stack = deploy(maxRetries=0)
    program = 'first = whatsapp.BlockedContact("first", phone="{}")\n' + _OF_IT.format(one=ONE)
    gone = f'\nwhatsapp.BlockedContact("gone", phone="{FOUR}")'
    stack.up(program.format(TWO) + gone)
    _nobody_goes_while_it_fails(stack, program.format(THREE))
    stack.holds(ONE, THREE)


@only_native
def test_nobody_goes_behind_an_update_of_ours_that_failed(deploy: Deploy) -> None:
    """The engine gives the program the old id, and no other output."""
    stack = deploy(maxRetries=0)
    program = 'first = whatsapp.Blocklist("first", contacts={})\n' + _OF_IT.replace("id", "failed").format(one=ONE)
    stack.up(program.format([TWO]))
    _nobody_goes_while_it_fails(stack, program.format([TWO, THREE]))
    stack.holds(ONE, TWO, THREE)

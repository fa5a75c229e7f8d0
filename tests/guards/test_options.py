"""Pulumi's own options and commands, as far as they touch who is blocked."""

from __future__ import annotations

import textwrap

import pytest

from ..engine.project import CliProject
from .conftest import Deploy
from .world import (
    LEFT_OUT,
    META,
    ONE,
    STRANGER,
    THREE,
    TWO,
    also_quickly_native,
    keys_of,
    only_cli,
    only_dynamic,
    only_error,
    said,
    variant,
    well,
)


@pytest.mark.slow
def test_a_protected_contact_is_not_unblocked(deploy: Deploy) -> None:
    stack = deploy()
    program = 'whatsapp.BlockedContact("contact", phone="{}", opts=pulumi.ResourceOptions(protect=True))'
    stack.up(program.format(ONE))

    assert any("protect" in error for error in stack.stack.destroy().errors)
    stack.stack.program("")
    assert any("protect" in error for error in stack.stack.up().errors)
    stack.stack.program(program.format(TWO))
    assert stack.stack.up().exit != 0
    assert stack.unblocked() == set()
    assert ONE in stack.account.blocked()


@pytest.mark.slow
def test_a_retained_contact_stays_blocked_and_is_let_go(deploy: Deploy) -> None:
    stack = deploy()
    program = "whatsapp.{}, opts=pulumi.ResourceOptions(retain_on_delete=True))\n"
    stack.up(
        program.format(f'BlockedContact("contact", phone="{ONE}"')
        + program.format(f'Blocklist("list", contacts=["{TWO}"]')
    )
    stack.up(program.format(f'Blocklist("list", contacts=["{TWO}"]'))
    stack.destroy()

    assert stack.stack.state() == {}
    stack.blocked(ONE, TWO)


@pytest.mark.slow
def test_contacts_that_are_ignored_stay_as_they_are(deploy: Deploy) -> None:
    stack = deploy()
    program = 'whatsapp.Blocklist("list", contacts={}, opts=pulumi.ResourceOptions(ignore_changes=["contacts"]))'
    stack.up(program.format([ONE, TWO]))
    stack.account.clear_requests()

    assert stack.up(program.format([THREE])).steps == {}
    assert stack.quiet()
    stack.holds(ONE, TWO)
    stack.destroy()
    stack.blocked()


@pytest.mark.slow
@pytest.mark.parametrize("ignored", ["allow_failures", variant('["allow_failures"]'), variant("allowFailures")])
def test_an_ignored_argument_may_have_its_name_in_python(deploy: Deploy, ignored: str) -> None:
    stack = deploy()
    program = 'whatsapp.Blocklist("list", contacts=["{}"], allow_failures={}, opts={})'
    stack.up(program.format(ONE, True, None))
    ignoring = f"pulumi.ResourceOptions(ignore_changes=[{ignored!r}])"

    assert stack.up(program.format(ONE, False, ignoring)).steps == {}


@pytest.mark.slow
def test_strangers_are_never_owned_by_contacts_that_are_ignored(deploy: Deploy) -> None:
    """The engine hands out the state's contacts as the program's own, also after a refresh has found strangers."""
    stack = deploy()
    program = 'whatsapp.Blocklist("list", contacts=["{}"], mode="{}", opts={})'
    ignoring = 'pulumi.ResourceOptions(ignore_changes=["contacts"])'
    stack.up(program.format(ONE, "exclusive", None))
    stack.account.block(STRANGER)
    well(stack.stack.refresh())
    stack.owns(ONE)

    stack.up(program.format(ONE, "additive", ignoring))
    stack.holds(ONE, others=[STRANGER])
    stack.destroy()

    assert stack.unblocked() == keys_of([ONE])
    stack.blocked(STRANGER)


def test_a_contact_that_ignores_its_phone_claims_whom_the_state_has(deploy: Deploy) -> None:
    stack = deploy()
    program = """
        whatsapp.BlockedContact("a", phone="{}", opts=pulumi.ResourceOptions(ignore_changes=["phone"]))
        whatsapp.Blocklist("list", contacts={})
    """
    stack.up(program.format(ONE, [TWO, THREE]))
    stack.account.let_a_day_pass()

    stack.up(program.format(TWO, [THREE]))

    assert stack.unblocked() == keys_of([TWO])
    stack.holds(ONE, THREE)


@pytest.mark.slow
def test_contacts_that_are_ignored_are_declared_twice(deploy: Deploy) -> None:
    stack = deploy()
    program = """
        whatsapp.Blocklist("list", contacts={}, opts=pulumi.ResourceOptions(ignore_changes=["contacts"]))
        {}
    """
    stack.up(program.format([ONE, TWO], ""))
    stack.stack.program(program.format([TWO], f'whatsapp.BlockedContact("x", phone="{ONE}")'))

    for outcome in (stack.stack.preview(), stack.stack.up()):
        error = only_error(outcome)
        assert f"{ONE} is declared twice" in error
        assert "Blocklist 'list'" in error
        assert "BlockedContact 'x'" in error
    stack.holds(ONE, TWO)


TRANSFORMED = """
def change(args):
    props = {{**args.props, **{changed}}} if args.name == "{name}" else args.props
    return pulumi.ResourceTransformationResult(props, args.opts)

pulumi.runtime.register_stack_transformation(change)
"""


def test_contacts_of_a_transformation_are_declared(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(f'whatsapp.Blocklist("list", contacts=["{ONE}", "{TWO}"])')
    stack.account.let_a_day_pass()
    changed = TRANSFORMED.format(name="x", changed={"phone": ONE})

    stack.up(changed + f'whatsapp.Blocklist("list", contacts=["{TWO}"])\nwhatsapp.BlockedContact("x", phone="{THREE}")')

    assert stack.unblocked() == set()
    stack.holds(ONE, TWO)
    twice = TRANSFORMED.format(name="x", changed={"phone": f"{TWO[1:]}@c.us"})
    stack.stack.program(
        twice + f'whatsapp.Blocklist("list", contacts=["{TWO}"])\nwhatsapp.BlockedContact("x", phone="{THREE}")'
    )
    error = only_error(stack.stack.preview())
    assert f"{TWO} is declared twice" in error
    assert "'list'" in error
    assert "'x'" in error


@pytest.mark.slow
def test_an_account_of_a_transformation_is_the_account(deploy: Deploy) -> None:
    stack = deploy()
    other = {"gateway": META, "phoneNumberId": "7"}
    stack.configure(**stack.keys, accounts={"other": other})
    account = stack.at(META, "7")
    stack.up(f'whatsapp.Blocklist("list", contacts=["{ONE}", "{TWO}"], account="other")')
    account.let_a_day_pass()
    changed = TRANSFORMED.format(name="x", changed={"account": "other"})

    stack.up(
        changed
        + f'whatsapp.Blocklist("list", contacts=["{TWO}"], account="other")\n'
        + f'whatsapp.BlockedContact("x", phone="{ONE}")'
    )

    assert account.blocked() == {ONE, TWO}
    assert stack.account.blocked() == set()
    assert all(request.operation != "unblock" for request in account.requests())


@pytest.mark.slow
def test_an_exclusive_list_that_ignores_everything_is_not_two(deploy: Deploy) -> None:
    """Where everything is ignored the engine has it checked by the state, and for its replacement by the program."""
    stack = deploy()
    program = f'whatsapp.Blocklist("list", contacts=["{ONE}"], mode="exclusive", opts={{}})'
    stack.up(program.format(None))
    stack.account.block(STRANGER)

    stack.up(program.format('pulumi.ResourceOptions(ignore_changes=["*"])'))

    stack.holds(ONE)


@only_cli
def test_a_forced_replacement_that_ignores_everything_is_not_two(deploy: Deploy) -> None:
    stack = deploy()
    program = f'whatsapp.BlockedContact("contact", phone="{ONE}", opts=pulumi.ResourceOptions(ignore_changes=["*"]))'
    stack.up(program)
    stack.account.let_a_day_pass()

    stack.up(program, "--replace", "**::contact")

    assert stack.unblocked() == set()
    stack.holds(ONE)


@pytest.mark.slow
def test_aliases_rename_without_a_request(deploy: Deploy) -> None:
    stack = deploy()
    program = f"""
        def aliases(name):
            return pulumi.ResourceOptions(aliases=[pulumi.Alias(name=name)])

        whatsapp.BlockedContact("{{0}}", phone="{ONE}", opts=aliases("{{1}}"))
        whatsapp.Blocklist("{{0}}-list", contacts=["{TWO}"], opts=aliases("{{1}}-list"))
    """
    stack.up(program.format("old", "older"))
    stack.account.clear_requests()

    renamed = stack.up(program.format("new", "old"))

    assert renamed.steps == {}
    assert stack.quiet()
    assert set(stack.stack.state()) == {"new", "new-list"}
    stack.holds(ONE, TWO)


@only_cli
def test_a_rename_in_the_state_is_no_change(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(f'whatsapp.Blocklist("old", contacts=["{ONE}"])')
    stack.account.clear_requests()
    assert isinstance(stack.stack, CliProject)
    urn = stack.stack.state()["old"]["urn"]

    stack.stack.cli("state", "rename", urn, "new", "--yes", "--stack", "dev")

    assert stack.up(f'whatsapp.Blocklist("new", contacts=["{ONE}"])').steps == {}
    assert stack.quiet()
    stack.destroy()
    stack.blocked()


@only_cli
def test_a_target_leaves_the_others_alone(deploy: Deploy) -> None:
    stack = deploy()
    stack.account.block(STRANGER)
    program = """
        whatsapp.Blocklist("list", contacts={})
        whatsapp.BlockedContact("contact", phone="{}")
    """
    stack.up(program.format([ONE], TWO))
    stack.account.clear_requests()

    stack.up(program.format([ONE, THREE], "+16505557777"), "--target", "**::list")

    assert stack.unblocked() == set()
    stack.holds(ONE, TWO, THREE, others=[STRANGER])
    stack.destroy("--target", "**::contact")
    stack.holds(ONE, THREE, others=[STRANGER])


@only_dynamic(LEFT_OUT, on_cli_alone=True)
@pytest.mark.parametrize("flag", ["--target", "--exclude"])
def test_a_delete_lets_nobody_go_whom_a_resource_declares_that_is_left_out(deploy: Deploy, flag: str) -> None:
    stack = deploy()
    stack.up(f'whatsapp.Blocklist("list", contacts=["{ONE}", "{TWO}"])')
    stack.account.let_a_day_pass()
    moved = f"""
        listed = whatsapp.Blocklist("list", contacts=["{ONE}"])
        whatsapp.BlockedContact("contact", phone="{TWO}", opts=pulumi.ResourceOptions(depends_on=[listed]))
    """
    stack.stack.program(moved)
    flags = (flag, "**::list" if flag == "--target" else "**::contact")

    said(stack.stack.preview(*flags), "this run leaves out BlockedContact 'contact'")
    refused = stack.stack.up(*flags)

    assert refused.exit != 0
    said(refused, "BlockedContact 'contact' declares it, and this run leaves that resource out")
    assert stack.unblocked() == set()
    stack.holds(ONE, TWO)
    stack.up()
    assert stack.unblocked() == set()
    stack.holds(ONE, TWO)


@only_dynamic(LEFT_OUT, on_cli_alone=True)
@pytest.mark.parametrize("flag", ["--target", "--exclude"])
def test_a_resource_that_is_left_out_and_gains_a_contact_keeps_it(deploy: Deploy, flag: str) -> None:
    """It stands in the state as it was, and the program says whom it declares now."""
    stack = deploy()
    program = """
        whatsapp.Blocklist("giver", contacts={})
        whatsapp.Blocklist("taker", contacts={})
    """
    stack.up(program.format([ONE, TWO], [THREE]))
    stack.account.let_a_day_pass()
    stack.stack.program(program.format([TWO], [ONE, THREE]))

    refused = stack.stack.up(flag, "**::giver" if flag == "--target" else "**::taker")

    assert refused.exit != 0
    said(refused, "Blocklist 'taker' declares it, and this run leaves that resource out")
    assert stack.unblocked() == set()
    stack.holds(ONE, TWO, THREE)
    stack.up()
    assert stack.unblocked() == set()
    stack.holds(ONE, TWO, THREE)


@only_cli
def test_a_target_lets_go_whom_nobody_declares(deploy: Deploy) -> None:
    stack = deploy()
    program = """
        whatsapp.Blocklist("giver", contacts={})
        whatsapp.Blocklist("other", contacts={})
    """
    stack.up(program.format([ONE, TWO], [THREE]))

    stack.up(program.format([TWO], [THREE]), "--target", "**::giver")

    assert stack.unblocked() == keys_of([ONE])
    stack.holds(TWO, THREE)


@only_dynamic(LEFT_OUT, on_cli_alone=True)
def test_a_targeted_delete_keeps_whom_another_resource_of_the_program_declares(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(f'whatsapp.BlockedContact("old", phone="{ONE}")\nwhatsapp.BlockedContact("other", phone="{TWO}")')
    stack.account.let_a_day_pass()
    stack.stack.program(
        f'whatsapp.BlockedContact("new", phone="{ONE}")\nwhatsapp.BlockedContact("other", phone="{TWO}")'
    )

    said(stack.stack.preview("--target", "**::old"), "this run leaves out BlockedContact 'new'")
    assert stack.stack.up("--target", "**::old").exit != 0

    assert stack.unblocked() == set()
    stack.holds(ONE, TWO)
    stack.up()
    assert stack.unblocked() == set()
    stack.holds(ONE, TWO)
    assert not any("leaves out" in line for line in stack.stack.preview().said)


STOP = """
    def stop(_):
        raise pulumi.RunError("stopped by the test")
    new.id.apply(stop)
"""


@only_dynamic(LEFT_OUT, on_cli_alone=True)
def test_a_targeted_delete_keeps_whom_an_interrupted_rename_has_given_another_owner(deploy: Deploy) -> None:
    """Both resources have one id then, and the run checks nothing: it looks like `destroy --run-program`."""
    stack = deploy()
    stack.up(f'whatsapp.BlockedContact("old", phone="{ONE}")')
    stack.account.let_a_day_pass()
    renamed = f'new = whatsapp.BlockedContact("new", phone="{ONE}")\n'
    assert stack.fails(renamed + textwrap.dedent(STOP)) == "stopped by the test"
    assert set(stack.stack.state()) == {"old", "new"}
    stack.stack.program(renamed)

    refused = stack.stack.up("--target", "**::old")

    assert refused.exit != 0
    said(refused, "BlockedContact 'new' declares it, and this run leaves that resource out")
    assert stack.unblocked() == set()
    assert stack.up().steps == {"old": ["delete"]}
    assert stack.unblocked() == set()
    stack.holds(ONE)


@only_dynamic(LEFT_OUT, on_cli_alone=True)
def test_a_transformed_resource_that_is_left_out_keeps_its_contact(deploy: Deploy) -> None:
    """What counts is what the engine would deploy, not what the program's text says."""
    stack = deploy()
    program = 'whatsapp.Blocklist("giver", contacts={})\nwhatsapp.Blocklist("taker", contacts=["{}"])'
    stack.up(program.format([ONE, TWO], THREE))
    stack.account.let_a_day_pass()
    changed = TRANSFORMED.format(name="taker", changed={"contacts": [ONE, THREE]})
    stack.stack.program(changed + program.format([TWO], THREE))

    refused = stack.stack.up("--target", "**::giver")

    assert stack.unblocked() == set()
    assert refused.exit != 0
    stack.up()
    stack.holds(ONE, TWO, THREE)


@also_quickly_native
def test_max_unblocks_fails_the_preview_and_the_up_before_anything_is_sent(deploy: Deploy) -> None:
    stack = deploy(maxUnblocks=2)
    people_of = [f"+1650555{number}" for number in range(2001, 2006)]
    stack.up(f'whatsapp.Blocklist("list", contacts={people_of})')
    stack.account.clear_requests()

    stack.stack.program(f'whatsapp.Blocklist("list", contacts={people_of[:2]})')
    for outcome in (stack.stack.preview(), stack.stack.up()):
        error = only_error(outcome)
        assert "this would unblock 3 contacts" in error
        assert "maxUnblocks is 2" in error
        assert "WHATSAPP_MAX_UNBLOCKS" in error
    assert stack.quiet()
    stack.holds(*people_of)

    stack.up(f'whatsapp.Blocklist("list", contacts={people_of[:3]})')
    stack.holds(*people_of[:3])
    assert "this would unblock 3 contacts" in only_error(stack.stack.destroy())
    stack.holds(*people_of[:3])
    stack.destroy(WHATSAPP_MAX_UNBLOCKS="3")
    stack.holds()


def test_a_list_that_loses_more_than_half_is_refused_until_it_is_accepted(deploy: Deploy) -> None:
    """As an emptied file does."""
    stack = deploy()
    many = [f"+1650555{number}" for number in range(2001, 2011)]
    listed = 'whatsapp.Blocklist("list", contacts={})'
    stack.up(listed.format(many))
    stack.account.clear_requests()

    stack.stack.program(listed.format(many[:4]))
    for outcome in (stack.stack.preview(), stack.stack.up()):
        error = only_error(outcome)
        assert "Blocklist 'list' would unblock 6 of its 10 contacts, more than half at once" in error
        assert "WHATSAPP_ACCEPT_SHRINK=true" in error
    assert stack.quiet()
    stack.holds(*many)
    stack.up(None, WHATSAPP_ACCEPT_SHRINK="true")
    stack.holds(*many[:4])


@pytest.mark.slow
def test_half_of_a_list_goes_without_a_question(deploy: Deploy) -> None:
    stack = deploy()
    many = [f"+1650555{number}" for number in range(2001, 2011)]
    stack.up(f'whatsapp.Blocklist("list", contacts={many})')

    stack.up(f'whatsapp.Blocklist("list", contacts={many[:5]})')

    stack.holds(*many[:5])


def test_a_protected_list_lets_nobody_go(deploy: Deploy) -> None:
    stack = deploy()
    program = 'whatsapp.Blocklist("list", contacts={}, opts=pulumi.ResourceOptions(protect=True))'
    stack.up(program.format([ONE, TWO]))

    for refused in (stack.stack.preview, stack.stack.up):
        stack.stack.program(program.format([ONE]))
        assert any("protect" in error for error in refused().errors)
    stack.holds(ONE, TWO)
    stack.up(program.format([ONE, TWO, THREE]))
    assert stack.unblocked() == set()
    stack.holds(ONE, TWO, THREE)


@pytest.mark.slow
def test_who_stays_blocked_does_not_count_towards_max_unblocks(deploy: Deploy) -> None:
    stack = deploy(maxUnblocks=0)
    stack.up(f"""
        whatsapp.BlockedContact("old", phone="{ONE}")
        whatsapp.Blocklist("old-list", contacts=["{TWO}", "{THREE}"])
    """)

    stack.up(f"""
        whatsapp.BlockedContact("new", phone="{TWO}")
        whatsapp.Blocklist("new-list", contacts=["{ONE}", "{THREE}"])
    """)

    assert stack.unblocked() == set()
    stack.holds(ONE, TWO, THREE)


@pytest.mark.slow
def test_max_unblocks_is_a_budget_of_the_run(deploy: Deploy) -> None:
    stack = deploy(maxUnblocks=10)
    program = """
        for number in range(2000, 2050):
            whatsapp.BlockedContact(f"c{number}", phone=f"+1650555{number}")
    """
    stack.up(program)

    stopped = stack.stack.destroy()
    assert stopped.exit != 0
    said(stopped, "maxUnblocks is 10", "WHATSAPP_MAX_UNBLOCKS")
    left = stack.account.blocked()
    assert len(left) == 40
    stack.holds(*left)

    stack.destroy(WHATSAPP_MAX_UNBLOCKS="40")
    stack.holds()

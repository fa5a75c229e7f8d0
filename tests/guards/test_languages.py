"""Only deletes unblock, whatever the language: the same moves in YAML and TypeScript.

In each test whoever was unblocked could not be blocked again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from .conftest import Speak
from .languages import Output, SecretText, WrittenResource, contact, contact_list
from .world import META, NO_CLI, ONE, STRANGER, THREE, TWO, keys_of, only_error, said, well

pytestmark = [pytest.mark.engine, NO_CLI]

slow = pytest.mark.slow
SUPPORT = "7"


def test_from_list_to_list_to_contact_and_back(speak: Speak) -> None:
    stack = speak()
    stack.account.block(STRANGER)
    stack.comes_to(contact_list("first", ONE, TWO), contact_list("second", THREE, after="first"))
    stack.account.let_a_day_pass()

    moved = stack.comes_to(contact_list("first", TWO), contact_list("second", ONE, THREE, after="first"))
    assert moved.steps == {"first": ["create-replacement", "replace", "delete-replaced"], "second": ["update"]}
    stack.comes_to(contact_list("first", TWO), contact_list("second", THREE), contact("single", ONE, after="second"))
    stack.comes_to(contact_list("first", ONE, TWO), contact_list("second", THREE, after="first"))

    assert stack.unblocked() == set()
    stack.holds(ONE, TWO, THREE, others=[STRANGER])
    stack.declares(contact_list("first", ONE))
    said(stack.stack.preview(), f"Blocklist 'first': unblocks 1: {TWO}")
    stack.comes_to(contact_list("first", ONE))
    assert stack.unblocked() == keys_of([TWO, THREE])
    stack.destroy()
    stack.holds(others=[STRANGER])


@slow
def test_a_swap_and_a_rename(speak: Speak) -> None:
    stack = speak()
    stack.comes_to(contact("a", ONE), contact("b", TWO), contact_list("list", THREE))
    stack.account.let_a_day_pass()

    stack.comes_to(contact("a", TWO), contact("b", ONE), contact_list("list", THREE))
    stack.comes_to(contact("c", TWO), contact("b", ONE), contact_list("renamed", THREE))

    assert stack.unblocked() == set()
    stack.holds(ONE, TWO, THREE)


@slow
def test_an_error_in_between(speak: Speak) -> None:
    """The resource that takes the contact is never reached; what is left behind is settled by the next run."""
    stack = speak()
    broken = stack.provider("broken", SUPPORT, maxRetries=0)
    stack.at(META, SUPPORT).fault("outage", on="block", times=None)
    stack.comes_to(broken, contact_list("list", ONE, TWO))
    stack.account.let_a_day_pass()

    fails = contact("fails", THREE, after="list", provider="broken")
    stack.declares(broken, contact_list("list", TWO), fails, contact("taker", ONE, after="fails"))
    assert stack.stack.up().exit != 0
    assert stack.unblocked() == set()
    assert stack.left_behind() == {"list"}
    assert "taker" not in stack.stack.state()
    stack.blocked(ONE, TWO)

    stack.comes_to(broken, contact_list("list", TWO), contact("taker", ONE))
    assert stack.unblocked() == set()
    stack.holds(ONE, TWO)
    assert stack.left_behind() == set()


@slow
def test_between_explicit_providers_of_one_account(speak: Speak) -> None:
    """Each is a process of its own, and a delete in one knows what is declared in the other."""
    stack = speak()
    a, b = stack.provider("a"), stack.provider("b")
    stack.comes_to(a, b, contact_list("list", ONE, TWO, provider="a"), contact("single", THREE, provider="b"))
    stack.account.let_a_day_pass()

    stack.comes_to(
        a,
        b,
        contact_list("list", TWO, provider="a"),
        contact("single", THREE, provider="b"),
        contact("x", ONE, provider="b"),
    )
    stack.comes_to(a, b, contact_list("list", TWO, THREE, provider="b"), contact("x", ONE))
    assert stack.unblocked() == set()
    stack.holds(ONE, TWO, THREE)

    stack.declares(
        a, b, contact_list("list", TWO, THREE, provider="b"), contact("x", ONE), contact("y", THREE, provider="a")
    )
    for outcome in (stack.stack.preview(), stack.stack.up()):
        error = only_error(outcome)
        assert f"{THREE} is declared twice for sandbox/meta/106540352242922" in error
        assert "Blocklist 'list'" in error
        assert "BlockedContact 'y'" in error
    assert stack.unblocked() == set()
    stack.holds(ONE, TWO, THREE)


@slow
@pytest.mark.parametrize(
    "early",
    [
        {"aliases": [{"name": "old"}], "deleteBeforeReplace": True, "replacementTrigger": "b"},
        {"aliases": [{"name": "old"}], "deleteBeforeReplace": True},
    ],
    ids=["triggered", "compared"],
)
def test_an_early_delete_under_an_alias(speak: Speak, early: dict[str, Any]) -> None:
    """The engine deletes what stood under another name, and may not have compared it."""
    stack = speak()
    stack.comes_to(contact("old", ONE, options={"replacementTrigger": "a"} if "replacementTrigger" in early else {}))
    stack.account.let_a_day_pass()

    stack.declares(contact("new", TWO, options=early), contact("taker", ONE, after="new"))
    assert "nobody is unblocked" in only_error(stack.stack.up())
    assert stack.unblocked() == set()
    stack.blocked(ONE)


@slow
def test_a_delete_that_another_replacement_brings_along(speak: Speak) -> None:
    """With `replaceWith` the engine deletes a resource that it has not checked, before the program has ended."""
    stack = speak()
    other = stack.provider("other", SUPPORT)
    with_it = contact("with it", ONE, options={"replaceWith": ["${first}"]}, provider="other")

    def program(phone: str) -> list[WrittenResource]:
        return [other, contact("first", phone, options={"deleteBeforeReplace": True}), with_it]

    if stack.language == "typescript":
        pytest.skip("the option takes a resource there")
    stack.comes_to(*program(TWO))
    account = stack.at(META, SUPPORT)
    account.clear_requests()

    stack.declares(*program(THREE))
    assert stack.stack.up().exit != 0
    assert account.blocked() == {ONE}
    assert all(request.operation != "unblock" for request in account.requests())


@slow
def test_a_delete_of_a_targeted_replacement(speak: Speak) -> None:
    """With `--replace` the engine neither says what stood there before nor compares it."""
    stack = speak()
    stack.comes_to(contact("old", ONE))
    stack.account.let_a_day_pass()

    moved = contact("old", TWO, options={"deleteBeforeReplace": True}), contact("taker", ONE, after="old")
    stack.declares(*moved)
    assert "nobody is unblocked" in only_error(stack.stack.up("--replace", "**::old"))
    assert stack.unblocked() == set()
    stack.blocked(ONE)


@slow
@pytest.mark.parametrize("why", ["targeted", "triggered", "changed", "renamed"])
def test_a_provider_that_is_deleted_first(speak: Speak, why: str) -> None:
    """The engine deletes a provider's resources before the program has declared any of them anew."""
    stack = speak()
    of = {"provider": "support"}
    program = [contact("single", ONE, **of), contact_list("list", TWO, THREE, **of)]
    trigger = {"replacementTrigger": "a"} if why == "triggered" else {}
    stack.comes_to(replace(stack.provider("support", SUPPORT), options=trigger), *program)
    account = stack.at(META, SUPPORT)
    account.let_a_day_pass()
    account.clear_requests()

    early: dict[str, Any] = {"deleteBeforeReplace": True}
    changed = stack.provider("support", SUPPORT, **({"timeout": 50} if why in ("changed", "renamed") else {}))
    if why == "triggered":
        early["replacementTrigger"] = "b"
    if why in ("changed", "renamed"):
        early["replaceOnChanges"] = ["timeout"]
    if why == "renamed":
        early["aliases"] = [{"name": "support"}]
        changed = replace(changed, name="other")
        program = [replace(each, provider="other") for each in program]
    stack.declares(replace(changed, options=early), *program)
    flags = ["--replace", "**::support"] if why == "targeted" else []
    assert "nobody is unblocked" in only_error(stack.stack.up(*flags))
    assert account.blocked() == {ONE, TWO, THREE}

    del early["deleteBeforeReplace"]
    stack.declares(replace(changed, options=early), *program)
    well(stack.stack.up(*flags))
    assert account.blocked() == {ONE, TWO, THREE}
    assert all(request.operation != "unblock" for request in account.requests())


@slow
@pytest.mark.parametrize("what", ["unchanged", "changed", "replaced"])
def test_a_provider_that_stays_without_its_resources(speak: Speak, what: str) -> None:
    """They go at the end, when the engine may have only begun to configure the provider, or has done so long before."""
    stack = speak()
    support = stack.provider("support", SUPPORT)
    stack.comes_to(support, contact("single", ONE, provider="support"), contact("other", TWO))
    account = stack.at(META, SUPPORT)

    stack.declares(stack.provider("support", SUPPORT, **({"timeout": 50} if what == "changed" else {})))
    well(stack.stack.up("--refresh", *(["--replace", "**::support"] if what == "replaced" else [])))
    assert account.blocked() == set()
    stack.holds()


@slow
@pytest.mark.parametrize("why", ["moves", "upgrade"])
def test_a_run_in_which_a_resource_changes_its_provider_unblocks_at_its_end(speak: Speak, why: str) -> None:
    """The engine compares the one provider with the other, also where both are the plugin in two versions."""
    stack = speak()
    if why == "moves":
        a, b = stack.provider("a"), stack.provider("b", timeout=50)
        stack.comes_to(a, b, contact("stays", ONE, provider="a"), contact("goes", TWO, provider="a"))
        stack.comes_to(a, b, contact("stays", ONE, provider="b"))
    else:
        old, new = ({"options": {"version": version}} for version in ("0.1.0", "0.2.0"))
        stack.comes_to(contact("stays", ONE, **old), contact("goes", TWO, **old))
        stack.comes_to(contact("stays", ONE, **new))
    assert stack.unblocked() == keys_of([TWO])
    stack.holds(ONE)


@slow
def test_a_phone_that_is_known_only_in_the_update(speak: Speak) -> None:
    stack = speak()
    support = stack.provider("support", SUPPORT)
    other = stack.at(META, SUPPORT)
    phone = Output("source", "waId", before="+")
    program = [support, contact("source", ONE, provider="support"), contact("same", phone)]
    stack.declares(*program, contact_list("list", TWO))
    assert stack.stack.preview().exit == 0
    stack.comes_to(*program, contact_list("list", TWO))
    stack.holds(ONE, TWO)
    stack.account.let_a_day_pass()

    program[1] = contact("source", TWO, provider="support")
    stack.declares(*program, contact_list("list", ONE))
    assert stack.stack.preview().exit == 0
    stack.comes_to(*program, contact_list("list", ONE))

    assert stack.unblocked() == set()
    stack.holds(ONE, TWO)
    assert other.blocked() == {TWO}


@slow
def test_secrets_are_nowhere(speak: Speak) -> None:
    stack = speak()
    stack.declares(contact("single", SecretText(ONE)), contact_list("list", SecretText(TWO), THREE))
    shown = [stack.stack.preview("--diff"), stack.stack.up(), stack.stack.refresh(), stack.stack.preview()]
    assert [outcome.exit for outcome in shown] == [0, 0, 0, 0]
    stack.blocked(ONE, TWO, THREE)
    stack.account.let_a_day_pass()

    stack.comes_to(contact("single", SecretText(TWO)), contact_list("list", SecretText(ONE), THREE))
    assert stack.unblocked() == set()
    shown.append(stack.destroy())

    text = f"{shown}{stack.stack.written()!r}"
    assert [phone for phone in (ONE, TWO) if phone[1:] in text] == []
    stack.holds()

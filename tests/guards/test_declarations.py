"""What the program's own process refuses, or has to see through, before anything is sent."""

from __future__ import annotations

import pytest

from .conftest import Deploy
from .world import (
    ONE,
    STRANGER,
    THREE,
    TWO,
    ZAPI,
    DeployedWorld,
    keys_of,
    only_cli,
    only_dynamic,
    only_error,
    said,
    variant,
    well,
)

EXCLUSIVE = f'whatsapp.Blocklist("list", contacts=["{ONE}"], mode={{mode}}, opts={{opts}})\n'


@pytest.mark.parametrize("mode", ['"exclusive"', variant('pulumi.Output.from_input("exclusive")')])
def test_strangers_are_never_owned_by_an_exclusive_list_that_ignores_its_contacts(deploy: Deploy, mode: str) -> None:
    """The engine hands out the state's contacts as the program's own, also after a refresh has found strangers."""
    _ignores(deploy(), mode, "contacts")


@only_cli
def test_strangers_are_never_owned_by_an_exclusive_list_that_ignores_one_contact(deploy: Deploy) -> None:
    _ignores(deploy(), '"exclusive"', f'contacts["{ONE}"]')


def _ignores(stack: DeployedWorld, mode: str, ignored: str) -> None:
    stack.up(EXCLUSIVE.format(mode=mode, opts="None"))
    stack.account.block(STRANGER)
    ignoring = f"pulumi.ResourceOptions(ignore_changes=[{ignored!r}])"

    well(stack.stack.refresh())
    stack.owns(ONE)
    stack.stack.program(EXCLUSIVE.format(mode=mode, opts=ignoring))
    said(stack.stack.preview(), "unblocks 1", STRANGER)
    stack.destroy()

    stack.holds(others=[STRANGER])
    assert stack.unblocked() == keys_of([ONE])


@pytest.mark.slow
def test_an_exclusive_list_that_ignores_that_it_stops_being_one(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(EXCLUSIVE.format(mode='"exclusive"', opts="None"))
    stack.account.block(STRANGER)
    stack.stack.program(
        EXCLUSIVE.format(mode='"additive"', opts='pulumi.ResourceOptions(ignore_changes=["mode", "contacts"])')
    )

    said(stack.stack.preview(), "unblocks 1", STRANGER)
    stack.up()
    stack.holds(ONE)


BESIDE = """
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

class Numbers(ResourceProvider):
    def create(self, props):
        return CreateResult("numbers", {{"number": "{one}", "note": props["note"]}})
    def diff(self, id_, olds, news):
        return DiffResult(changes=olds["note"] != news["note"])
    def update(self, id_, olds, news):
        return UpdateResult({{"number": "{one}", "note": news["note"]}})

class Number(Resource):
    number: pulumi.Output[str]
    def __init__(self, name, note):
        super().__init__(Numbers(), name, {{"note": note, "number": None}})

whatsapp.BlockedContact("single", phone=Number("source", "{note}").number)
whatsapp.Blocklist("list", contacts=["{two}"], mode="{mode}")
"""


@pytest.mark.slow
def test_an_exclusive_list_beside_a_contact_that_is_not_known_yet(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(BESIDE.format(one=ONE, two=TWO, note="first", mode="additive"))
    stack.account.let_a_day_pass()

    stack.stack.program(BESIDE.format(one=ONE, two=TWO, note="second", mode="exclusive"))

    for outcome in (stack.stack.preview(), stack.stack.up()):
        assert "Blocklist 'list' is an exclusive list of sandbox/meta/106540352242922" in only_error(outcome)
    stack.holds(ONE, TWO)


@pytest.mark.slow
@pytest.mark.parametrize("contacts", ["{}", variant("pulumi.Output.from_input({})")], ids=["plain", "output"])
def test_a_contact_without_a_reason_is_a_contact(deploy: Deploy, contacts: str) -> None:
    """A row of a file that ends early has None for its reason, and Pulumi's SDK leaves out whatever is None."""
    stack = deploy(ZAPI)
    program = f"""
        whatsapp.Blocklist("list", contacts={contacts})
        whatsapp.BlockedContact("single", phone="{THREE}")
        whatsapp.PrivacySetting("about", setting="about", value="contact_blacklist", exceptions={contacts})
    """

    stack.up(program.format({ONE: "fraud", TWO: ""}, {ONE: "fraud", TWO: ""}))
    again = stack.up(program.format({ONE: "fraud", TWO: None}, {ONE: "fraud", TWO: None}))

    assert again.steps == {}
    assert stack.unblocked() == set()
    stack.up(program.format({ONE: None}, {ONE: None}))
    assert stack.account.exceptions("about") == {ONE}
    stack.blocked(ONE, THREE)


@only_dynamic("the class itself refuses it")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("contacts", "says"),
    [
        (
            "{16505551001: 'fraud'}",
            "Blocklist 'list': contacts: a contact is int, and must be a text; put it in quotes",
        ),
        ("[16505551001]", "contacts: a contact is a number, and must be a string; put it in quotes"),
        ("b'+16505551001'", "Blocklist 'list': contacts: bytes are no text; decode them first"),
        ("[b'+16505551001']", "Blocklist 'list': contacts: bytes are no text; decode them first"),
        ("{'+16505551001': 'a\\ud800'}", "Blocklist 'list': contacts: it has half a character at position 2"),
        (
            "pulumi.Output.from_input('a').apply(lambda _: ['a\\ud800'])",
            "Blocklist 'list': contacts: it has half a character at position 2",
        ),
        ("[], opts=pulumi.ResourceOptions(import_='x')", "Blocklist 'list': import_ is not possible"),
    ],
)
def test_what_is_no_contact_is_one_line(deploy: Deploy, contacts: str, says: str) -> None:
    """YAML makes numbers of them, and a file that is read as bytes or in another encoding has no text."""
    stack = deploy()
    stack.stack.program(f'whatsapp.Blocklist("list", contacts={contacts})')
    assert says in only_error(stack.stack.preview())


AWAITED = """
async def later(value):
    return value

whatsapp.BlockedContact("a", phone=later("{one}"))
"""


def test_a_contact_that_is_awaited(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(AWAITED.format(one=ONE) + f'whatsapp.Blocklist("b", contacts=[later("{TWO}")])')
    stack.holds(ONE, TWO)

    error = stack.fails(AWAITED.format(one=ONE) + f'whatsapp.Blocklist("b", contacts=["{TWO}", later("{ONE}")])')

    assert f"{ONE} is declared twice for sandbox/meta/106540352242922" in error
    stack.holds(ONE, TWO)


@pytest.mark.slow
@pytest.mark.parametrize(
    "contacts",
    [
        f'(number for number in ["{ONE}", "{TWO}"])',
        variant(f'{{"{ONE}", "{TWO}"}}'),
        variant(f'{{"{ONE}": 1, "{TWO}": 2}}.keys()'),
    ],
    ids=["generator", "set", "keys"],
)
def test_contacts_that_can_only_be_iterated(deploy: Deploy, contacts: str) -> None:
    stack = deploy()
    program = f'whatsapp.Blocklist("list", contacts={contacts})\n'
    stack.stack.program(program + f'whatsapp.BlockedContact("one", phone="{ONE}")')
    assert f"{ONE} is declared twice" in only_error(stack.stack.preview())

    stack.up(program)
    stack.holds(ONE, TWO)

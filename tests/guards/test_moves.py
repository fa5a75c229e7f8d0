"""A contact that moves from one resource to another stays blocked, in whichever order the engine goes about it."""

from __future__ import annotations

import pytest

from pulumi_whatsapp.phone import canonical

from .conftest import Deploy
from .world import META, ONE, STRANGER, THREE, TWO, ZAPI, also_quickly_native, keys_of, only_cli, said, variant

BRAZIL, BRAZIL_SHORT = "+5531987654321", "+553187654321"
MEXICO, MEXICO_LONG = "+525512345678", "5215512345678"


@pytest.mark.parametrize("gateway", [META, variant(ZAPI)])
def test_who_moves_from_a_contact_to_a_list_and_back_stays_blocked(deploy: Deploy, gateway: str) -> None:
    stack = deploy(gateway)
    apart = f"""
        whatsapp.BlockedContact("single", phone="{ONE}")
        whatsapp.Blocklist("list", contacts=["{TWO}"])
    """
    stack.up(apart)
    if gateway == META:
        stack.account.let_a_day_pass()

    stack.up(f'whatsapp.Blocklist("list", contacts=["{ONE}", "{TWO}"])')
    stack.holds(ONE, TWO)
    back = stack.up(apart)

    said(back, "still blocked, because another resource of the program declares them", ONE)
    assert stack.unblocked() == set()
    stack.holds(ONE, TWO)


@pytest.mark.slow
def test_a_move_that_was_interrupted_unblocks_nobody(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(f'whatsapp.BlockedContact("single", phone="{ONE}")')
    stack.account.let_a_day_pass()
    listed = f'listed = whatsapp.Blocklist("list", contacts=["{ONE}"])\n'
    stop = """
def stop(_):
    raise pulumi.RunError("stopped by the test")
listed.id.apply(stop)
"""
    assert stack.fails(listed + stop) == "stopped by the test"
    assert set(stack.stack.state()) == {"single", "list"}

    assert stack.up(listed).steps == {"single": ["delete"]}
    assert stack.unblocked() == set()
    stack.holds(ONE)


LISTS = """
    opts = pulumi.ResourceOptions
    first = whatsapp.Blocklist("{first}", contacts={there})
    whatsapp.Blocklist("{second}", contacts={here}, opts=opts(depends_on=[first] if {depends} else None))
"""


@pytest.mark.slow
@pytest.mark.parametrize("depends", [False, variant(True)], ids=["free", "depends_on"])
@pytest.mark.parametrize("giver_first", [True, variant(False)], ids=["giver-first", "taker-first"])
def test_who_moves_from_one_list_to_another_stays_blocked(deploy: Deploy, giver_first: bool, depends: bool) -> None:
    stack = deploy()
    giver, taker = ([ONE, TWO], [THREE]), ([TWO], [ONE, THREE])
    names = {"first": "giver", "second": "taker"} if giver_first else {"first": "taker", "second": "giver"}

    def program(lists: tuple[list[str], list[str]]) -> str:
        there, here = lists if giver_first else lists[::-1]
        return LISTS.format(**names, there=there, here=here, depends=depends)

    stack.up(program(giver))
    stack.account.let_a_day_pass()

    moved = stack.up(program(taker)).steps
    assert moved == {"giver": ["create-replacement", "replace", "delete-replaced"], "taker": ["update"]}

    assert stack.unblocked() == set()
    stack.holds(ONE, TWO, THREE)


@pytest.mark.slow
def test_from_a_list_that_goes(deploy: Deploy) -> None:
    stack = deploy()
    stack.account.block(STRANGER)
    stack.up(f'whatsapp.Blocklist("giver", contacts=["{ONE}", "{TWO}"])')
    stack.account.let_a_day_pass()

    moved = stack.up(f'whatsapp.Blocklist("taker", contacts=["{ONE}"])')

    assert moved.steps == {"taker": ["create"], "giver": ["delete"]}
    assert stack.unblocked() == keys_of([TWO])
    stack.holds(ONE, others=[STRANGER])


@also_quickly_native
def test_two_contacts_that_swap_their_phones_stay_blocked(deploy: Deploy) -> None:
    stack = deploy()
    program = """
        whatsapp.BlockedContact("a", phone="{}")
        whatsapp.BlockedContact("b", phone="{}")
    """
    stack.up(program.format(ONE, TWO))
    stack.account.let_a_day_pass()

    stack.up(program.format(TWO, ONE))

    assert stack.unblocked() == set()
    stack.holds(ONE, TWO)


NUMBERS = """
    from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

    class Numbers(ResourceProvider):
        def create(self, props):
            return CreateResult("numbers", {{"number": props["given"], "note": props["note"]}})
        def diff(self, id_, olds, news):
            return DiffResult(changes=olds["note"] != news["note"], replaces=["note"] if {replaces} else [],
                              delete_before_replace={replaces})
        def update(self, id_, olds, news):
            return UpdateResult({{"number": news["given"], "note": news["note"]}})

    class Number(Resource):
        number: pulumi.Output[str]
        def __init__(self, name, given, note, opts=None):
            super().__init__(Numbers(), name, {{"given": given, "note": note, "number": None}}, opts)
"""
SOURCE = (
    NUMBERS
    + """
    source = Number("source", "{number}", "{note}")
    contact = whatsapp.BlockedContact("contact", phone=source.number)
    whatsapp.Blocklist("list", contacts=[source.number.apply(lambda number: number[:-1] + "5")])
    whatsapp.BlockedContact("other", phone="{other}", opts=pulumi.ResourceOptions(depends_on=[contact]))
"""
)


@pytest.mark.slow
def test_a_phone_that_another_resource_gives_replaces_nothing(deploy: Deploy) -> None:
    stack = deploy()

    def program(number: str, note: str, other: str = THREE) -> str:
        return SOURCE.format(number=number, note=note, other=other, replaces=False)

    stack.up(program(ONE, "first"))
    stack.holds(ONE, "+16505551005", THREE)
    stack.account.let_a_day_pass()
    stack.account.clear_requests()

    stack.stack.program(program(ONE, "second"))
    planned = stack.stack.preview()
    assert (planned.exit, planned.errors) == (0, [])
    assert planned.steps == {"source": ["update"], "contact": ["update"], "list": ["update"]}
    assert stack.up().steps == {"source": ["update"]}
    assert stack.quiet()

    stack.account.contact("+16505552001", messaged_recently=True)
    stack.account.contact("+16505552005", messaged_recently=True)
    stack.up(program("+16505552001", "third", other=ONE))
    assert stack.unblocked() == keys_of(["+16505551005", THREE])
    stack.holds("+16505552001", "+16505552005", ONE)


@only_cli
def test_a_phone_that_is_unknown_in_the_update_itself_replaces_nothing(deploy: Deploy) -> None:
    """A replacement that is deleted first has the engine ask for a diff of whatever depends on it."""
    stack = deploy()
    stack.up(SOURCE.format(number=ONE, note="first", other=THREE, replaces=True))
    stack.account.let_a_day_pass()
    stack.account.clear_requests()

    replaced = stack.up(SOURCE.format(number=ONE, note="second", other=THREE, replaces=True))

    assert not {"contact", "list"} & replaced.steps.keys(), replaced.steps
    assert stack.unblocked() == set()
    stack.holds(ONE, "+16505551005", THREE)


@pytest.mark.slow
def test_to_a_phone_that_another_resource_gives(deploy: Deploy) -> None:
    """Who is declared by then is not unblocked on the way: nobody could block them again without a new message."""
    stack = deploy()

    def program(*contacts: str, number: str) -> str:
        blocks = """
    whatsapp.BlockedContact("contact", phone=Number("source", "{0}", "{0}").number)
    whatsapp.Blocklist("list", contacts={1})
"""
        return NUMBERS.format(replaces=False) + blocks.format(number, list(contacts))

    stack.up(program(ONE, TWO, number=THREE))
    stack.account.let_a_day_pass()

    stack.up(program(TWO, number=ONE))

    assert stack.unblocked() == keys_of([THREE])
    stack.holds(ONE, TWO)


def test_who_moves_to_a_phone_that_is_known_only_after_the_list_stays_blocked(deploy: Deploy) -> None:
    """The list that gives is done before it is known who takes; its delete comes after both."""
    stack = deploy()

    def program(*contacts: str, number: str) -> str:
        blocks = """
    list_ = whatsapp.Blocklist("list", contacts={1})
    source = Number("source", "{0}", "{0}", pulumi.ResourceOptions(depends_on=[list_]))
    whatsapp.BlockedContact("contact", phone=source.number)
"""
        return NUMBERS.format(replaces=False) + blocks.format(number, list(contacts))

    stack.up(program(ONE, TWO, number=THREE))
    stack.account.let_a_day_pass()

    stack.up(program(TWO, number=ONE))

    assert stack.unblocked() == keys_of([THREE])
    stack.holds(ONE, TWO)


two_spellings = pytest.mark.parametrize(
    ("one", "two"), [(BRAZIL, BRAZIL_SHORT), variant(f"+{MEXICO_LONG}", MEXICO)], ids=["brazil", "mexico"]
)


@pytest.mark.slow
@two_spellings
def test_two_spellings_are_one_contact(deploy: Deploy, one: str, two: str) -> None:
    stack = deploy()
    stack.account.block(STRANGER)
    program = """
        whatsapp.BlockedContact("single", phone="{}")
        whatsapp.Blocklist("list", contacts=["{}", "{}"])
    """
    stack.up(program.format(one, ONE, ONE[1:]))
    stack.holds(one, ONE, others=[STRANGER])
    stack.account.clear_requests()

    stack.up(program.format(two, ONE, ONE))
    stack.up(f'whatsapp.Blocklist("list", contacts=["{two}", "{one}", "{ONE}"])')
    stack.up(f'whatsapp.Blocklist("list", contacts=["{one}", "{ONE}"])')
    assert all(request.operation == "list" for request in stack.account.requests())
    stack.holds(one, ONE, others=[STRANGER])

    error = stack.fails(program.format(one, two, ONE))
    assert f"{canonical(two)} is declared twice" in error
    also = f", as {canonical(one)}," if canonical(one) != canonical(two) else ""
    assert f"by BlockedContact 'single'{also} and by Blocklist 'list'" in error
    stack.destroy()
    stack.blocked(STRANGER)


@pytest.mark.slow
@two_spellings
@pytest.mark.parametrize("gateway", [META, variant(ZAPI)])
def test_a_contact_that_moves_and_is_spelt_anew_stays_blocked(deploy: Deploy, gateway: str, one: str, two: str) -> None:
    stack = deploy(gateway)
    stack.up(f"""
        whatsapp.BlockedContact("old", phone="{one}")
        whatsapp.Blocklist("list", contacts=["{ONE}"])
    """)
    if gateway == META:
        stack.account.let_a_day_pass()

    stack.up(f"""
        whatsapp.BlockedContact("new", phone="{two}")
        whatsapp.Blocklist("list", contacts=["{ONE}"])
    """)
    stack.up(f'whatsapp.Blocklist("list", contacts=["{one}", "{ONE}"])')
    stack.up(f"""
        whatsapp.BlockedContact("back", phone="{two}")
        whatsapp.Blocklist("list", contacts=["{ONE}"])
    """)

    assert stack.unblocked() == set()
    stack.holds(one, ONE)


@pytest.mark.slow
def test_a_number_that_whatsapp_knows_by_another_id_is_one_person(deploy: Deploy) -> None:
    """No rule says that the two are one person: the gateway's answer does."""
    stack = deploy()
    stack.account.contact(ONE, wa_id=TWO[1:])
    single, listed = (
        f'whatsapp.BlockedContact("single", phone="{ONE}")\n',
        f'whatsapp.Blocklist("list", contacts=["{TWO}"])',
    )

    stack.up(single + listed)
    for program in (listed, single, single + listed, single):
        stack.up(program)
        stack.blocked(TWO)
    assert stack.unblocked() == set()

    stack.up("")
    stack.holds()

"""Only a delete unblocks: whoever is declared by the end of a program stays blocked, in whichever style it is written.

In each test whoever was unblocked could not be blocked again.
"""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Deploy
from .styles import ONLY_CLI, STYLES, plain, pumped
from .world import CLI, NATIVE, ONE, STRANGER, THREE, TWO, ZAPI, keys_of, only_cli, said, variant

Part = tuple[str, str]
ALL_STYLES = {**STYLES, **ONLY_CLI}


def listed(*contacts: str, name: str = "l", more: str = "") -> str:
    """Declare a list."""
    return f'{name} = whatsapp.Blocklist("{name}", contacts={list(contacts)}{more}, opts=options())'


def single(name: str, contact: str) -> str:
    """Declare a contact, after nothing."""
    return f'{name} = whatsapp.BlockedContact("{name}", phone="{contact}", opts=options())'


def after_l(statement: str) -> str:
    """Let a resource of the second part depend on that of the first."""
    return statement.replace("opts=options()", "opts=options(depends_on=[l])")


EXCLUSIVE = ', mode="exclusive"'
SCENARIOS: dict[str, tuple[list[Part], set[str]]] = {
    "list-to-contact": (
        [(listed(ONE, TWO), ""), (listed(TWO), after_l(single("x", ONE)))],
        {ONE, TWO},
    ),
    "list-to-list": (
        [
            (listed(ONE, TWO), after_l(listed(THREE, name="m"))),
            (listed(TWO), after_l(listed(ONE, THREE, name="m"))),
        ],
        {ONE, TWO, THREE},
    ),
    "list-to-new-list": (
        [(listed(ONE, TWO), ""), (listed(TWO), after_l(listed(ONE, name="m")))],
        {ONE, TWO},
    ),
    "swapped-lists": (
        [(listed(ONE), listed(TWO, name="m")), (listed(TWO), listed(ONE, name="m"))],
        {ONE, TWO},
    ),
    "contact-to-list-and-back": (
        [
            (listed(TWO), single("x", ONE)),
            (listed(ONE, TWO), ""),
            (listed(TWO), after_l(single("x", ONE))),
        ],
        {ONE, TWO},
    ),
    "renamed-list": ([(listed(ONE, TWO), ""), ("", listed(ONE, TWO, name="m"))], {ONE, TWO}),
    "renamed-contact": ([("", single("x", ONE)), ("", single("y", ONE))], {ONE}),
    "replaced-contact": (
        [(listed(TWO), single("x", ONE)), (listed(ONE), after_l(single("x", TWO)))],
        {ONE, TWO},
    ),
    "exclusive-to-contact": (
        [(listed(ONE, TWO, more=EXCLUSIVE), ""), (listed(TWO), after_l(single("x", ONE)))],
        {ONE, TWO},
    ),
}
QUICK = {(style, "list-to-contact") for style in ("plain", "applied", "awaited", "pumped")}


def _matrix() -> list[Any]:
    """Return each scenario in each style on each engine; most of them are slow."""
    found = []
    for scenario in SCENARIOS:
        for style in ALL_STYLES:
            slow = () if (style, scenario) in QUICK else (pytest.mark.slow,)
            if style in STYLES:
                found.append(pytest.param("local", style, scenario, marks=slow, id=f"local-{style}-{scenario}"))
            found.append(pytest.param("cli", style, scenario, marks=CLI.marks, id=f"cli-{style}-{scenario}"))
            if style == "plain" or scenario == "list-to-contact":  # nothing of the native face lives in the program
                found.append(
                    pytest.param("native", style, scenario, marks=NATIVE.marks, id=f"native-{style}-{scenario}")
                )
    return found


@pytest.mark.parametrize(("engine", "style", "scenario"), _matrix(), indirect=["engine"])
def test_whoever_is_declared_stays_blocked(deploy: Deploy, style: str, scenario: str) -> None:
    stack = deploy()
    stack.account.block(STRANGER)
    programs, held = SCENARIOS[scenario]
    for first, then in programs:
        stack.up(ALL_STYLES[style](first, then))
        stack.account.let_a_day_pass()

    assert stack.unblocked() == set()
    stack.holds(*held, others=[STRANGER])
    assert stack.left_behind() == set()


by_style = pytest.mark.parametrize("style", ["plain", *(variant(style) for style in STYLES if style != "plain")])


@by_style
def test_only_who_is_let_go_is_unblocked(deploy: Deploy, style: str) -> None:
    stack = deploy()
    stack.account.block(STRANGER)
    stack.up(STYLES[style](listed(ONE, TWO, THREE), ""))
    stack.account.let_a_day_pass()
    stack.account.clear_requests()

    stack.up(STYLES[style](listed(TWO), after_l(single("x", ONE))))

    assert stack.unblocked() == keys_of([THREE])
    stack.holds(ONE, TWO, others=[STRANGER])
    assert sorted(request.operation for request in stack.account.requests()) == ["unblock"]


EXCEPTIONS = (
    '{0} = whatsapp.PrivacySetting("{0}", setting="about", value="contact_blacklist", baseline="contact_blacklist", '
    "exceptions={1}, opts=options())"
)


@pytest.mark.slow
@by_style
def test_a_renamed_setting_lets_go_only_of_the_exceptions_that_are_dropped(deploy: Deploy, style: str) -> None:
    stack = deploy(ZAPI)
    stack.account.add_exceptions("about", STRANGER)
    stack.up(STYLES[style](listed(ONE), EXCEPTIONS.format("old", [ONE, TWO])))

    stack.up(STYLES[style](listed(ONE), EXCEPTIONS.format("new", [TWO, THREE])))

    assert stack.account.privacy()["about"] == "contact_blacklist"
    assert stack.account.exceptions("about") == {TWO, THREE, STRANGER}
    stack.destroy()
    assert stack.account.exceptions("about") == {STRANGER}


BROKEN = """
from pulumi.dynamic import Resource, ResourceProvider

class Breaks(ResourceProvider):
    def create(self, props):
        raise Exception("broken")

class Broken(Resource):
    def __init__(self, name):
        super().__init__(Breaks(), name, {}, pulumi.ResourceOptions(depends_on=[l]))

Broken("broken")
"""
STOPS = {
    "an exception": 'raise ValueError("stopped")',
    "RunError": 'raise pulumi.RunError("stopped")',
    "exit-1": "import sys\nsys.exit(1)",
    "exit-0": "import sys\nsys.exit(0)",
    "a duplicate": after_l(single("twice", TWO)),
    "another resource": BROKEN,
}


QUICK_STOPS = {("RunError", "refreshed"), ("exit-0", "mended"), ("another resource", "given up")}


@pytest.mark.parametrize(
    ("stop", "way_on"),
    [
        (stop, way_on) if (stop, way_on) in QUICK_STOPS else variant(stop, way_on)
        for stop in STOPS
        for way_on in ("mended", "refreshed", "given up")
    ],
)
def test_a_program_that_stops_half_way_unblocks_nobody(deploy: Deploy, stop: str, way_on: str) -> None:
    """The one that takes is never reached; what is left behind is settled by the next run, by the same rule."""
    stack = deploy()
    stack.account.block(STRANGER)
    stack.up(plain(listed(ONE, TWO), ""))
    stack.account.let_a_day_pass()

    stack.stack.program(pumped(listed(TWO), STOPS[stop]))
    stopped = stack.stack.up()
    assert stopped.exit != 0, stopped.output
    assert stack.unblocked() == set()
    stack.holds(ONE, TWO, others=[STRANGER])
    assert stack.left_behind() == {"l"}

    if way_on == "refreshed":
        assert stack.stack.refresh().exit == 0
        assert stack.left_behind() == {"l"}
        stack.holds(ONE, TWO, others=[STRANGER])
    if way_on == "given up":
        stack.up(plain(listed(TWO), ""))
        assert stack.unblocked() == keys_of([ONE])
        stack.holds(TWO, others=[STRANGER])
    else:
        stack.up(plain(listed(TWO), after_l(single("x", ONE))))
        assert stack.unblocked() == set()
        stack.holds(ONE, TWO, others=[STRANGER])
    assert stack.left_behind() == set()


def test_what_is_left_behind_goes_with_a_destroy(deploy: Deploy) -> None:
    stack = deploy()
    stack.account.block(STRANGER)
    stack.up(plain(listed(ONE, TWO), ""))
    stack.stack.program(pumped(listed(TWO), STOPS["RunError"]))
    assert stack.stack.up().exit != 0
    assert stack.left_behind() == {"l"}

    stack.destroy("--refresh")

    stack.holds(others=[STRANGER])
    assert stack.stack.resources() == []


@pytest.mark.slow
def test_who_was_given_away_in_vain_is_unblocked_when_nobody_declares_them_any_more(deploy: Deploy) -> None:
    """The answer of its block was lost, and the one that takes it cannot block it either."""
    stack = deploy(ZAPI, maxRetries=0)
    stack.account.fault("lost_answer", on="block")
    assert "unknown" in stack.fails(plain(listed(ONE), ""))
    stack.account.fault("outage", on="block", times=None)

    stack.stack.program(plain(listed(), after_l(single("x", ONE))))
    assert stack.stack.up().exit != 0
    assert stack.unblocked() == set()
    stack.holds(ONE)

    stack.account.clear_faults()
    stack.up(plain(listed(), ""))
    assert stack.unblocked() == keys_of([ONE])
    stack.holds()


@only_cli
@pytest.mark.parametrize("taker", ["contact", "list"])
def test_who_is_given_to_a_resource_that_is_skipped_stays_blocked(deploy: Deploy, taker: str) -> None:
    taken = single("x", ONE) if taker == "contact" else listed(ONE, name="x")
    stack = deploy()
    stack.up(plain(listed(ONE, TWO), ""))
    stack.account.let_a_day_pass()
    broken = BROKEN.replace('\nBroken("broken")', '\nbroken = Broken("broken")')
    stack.stack.program(plain(listed(TWO), broken + taken.replace("options()", "options(depends_on=[broken])")))

    skipped = stack.stack.up("--continue-on-error")

    assert skipped.exit != 0
    said(skipped, "1 of 2 contacts are not unblocked yet", "'x'")
    assert stack.unblocked() == set()
    assert stack.left_behind() == {"l"}
    stack.holds(ONE, TWO)
    stack.up(plain(listed(TWO), ""))
    assert stack.unblocked() == keys_of([ONE])
    stack.holds(TWO)


def test_the_preview_names_who_comes_and_who_goes(deploy: Deploy) -> None:
    stack = deploy()
    stack.stack.program(plain(listed(TWO, ONE), ""))
    assert stack.stack.preview().said == [f"Blocklist 'l': blocks 2: {ONE}, {TWO}"]
    stack.up()
    stack.account.clear_requests()

    stack.stack.program(plain(listed(TWO, THREE), ""))
    planned = stack.stack.preview()

    assert planned.said == [f"Blocklist 'l': blocks 1: {THREE}; unblocks 1: {ONE}"]
    assert stack.quiet()
    assert stack.stack.up().said == []
    assert stack.stack.preview().said == []
    stack.holds(TWO, THREE)


@pytest.mark.slow
@pytest.mark.parametrize("giver_first", [True, False], ids=["giver-first", "taker-first"])
def test_the_preview_says_who_is_taken_over(deploy: Deploy, giver_first: bool) -> None:
    stack = deploy()
    stack.up(plain(listed(ONE, TWO), ""))
    giver, taker = listed(TWO), single("x", ONE)  # one waits for the other: else the engine takes them in any order
    after_x = giver.replace("opts=options()", "opts=options(depends_on=[x])")
    stack.stack.program(plain(giver, after_l(taker)) if giver_first else plain(taker, after_x))

    planned = stack.stack.preview()

    if giver_first:
        said(planned, f"BlockedContact 'x': takes {ONE} over from Blocklist 'l', so it stays blocked")
    else:
        assert not any("unblocks" in line for line in planned.said), planned.said
    assert stack.unblocked() == set()

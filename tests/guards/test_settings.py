"""A privacy setting goes back to what stood before, as long as nobody changed it since."""

from __future__ import annotations

import pytest

from .conftest import Deploy
from .world import ONE, RYZE, STRANGER, THREE, TWO, ZAPI, only_cli, only_error, said, variant

SET = 'whatsapp.PrivacySetting("{name}", setting="last_seen", value="{value}"{more})'


def program(value: str, name: str = "seen", **more: object) -> str:
    """Return a program with one setting."""
    return SET.format(name=name, value=value, more="".join(f", {key}={text!r}" for key, text in more.items()))


def test_a_renamed_setting_stays_set(deploy: Deploy) -> None:
    stack = deploy(RYZE)
    stack.up(program("none", name="old"))

    renamed = stack.up(program("none", name="new"))

    assert renamed.steps == {"new": ["create"], "old": ["delete"]}
    said(renamed, "stays as it is, because PrivacySetting 'new' declares it", "'all'", "baseline")
    assert stack.account.privacy()["last_seen"] == "none"
    stack.up(program("none", name="new", baseline="all"))
    stack.destroy()
    assert stack.account.privacy()["last_seen"] == "all"


@pytest.mark.slow
def test_an_alias_keeps_what_stood_before(deploy: Deploy) -> None:
    stack = deploy(RYZE)
    stack.up(program("none", name="old"))
    alias = ', opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old")])'

    assert stack.up(SET.format(name="new", value="none", more=alias)).steps == {}
    stack.destroy()
    assert stack.account.privacy()["last_seen"] == "all"


def test_a_value_changed_by_hand_stays(deploy: Deploy) -> None:
    stack = deploy(RYZE)
    stack.up(program("none"))
    stack.account.set_privacy("last_seen", "contacts")

    said(stack.destroy(), "last_seen", "stays 'contacts': somebody changed it")
    assert stack.account.privacy()["last_seen"] == "contacts"


@pytest.mark.slow
@pytest.mark.parametrize("flags", [(), variant(("--refresh",))], ids=["destroy", "destroy-refresh"])
def test_a_value_changed_by_hand_stays_after_a_refresh(deploy: Deploy, flags: tuple[str, ...]) -> None:
    stack = deploy(RYZE)
    stack.up(program("none"))
    stack.account.set_privacy("last_seen", "contacts")
    if not flags:
        assert stack.stack.refresh().steps == {"seen": ["update"]}

    said(stack.destroy(*flags), "last_seen", "stays 'contacts': somebody changed it")
    assert stack.account.privacy()["last_seen"] == "contacts"


@pytest.mark.slow
def test_a_value_changed_by_hand_is_set_again_and_goes_back(deploy: Deploy) -> None:
    stack = deploy(RYZE)
    stack.up(program("none"))
    stack.account.set_privacy("last_seen", "contacts")
    stack.stack.refresh()

    stack.up()
    assert stack.account.privacy()["last_seen"] == "none"
    stack.destroy()
    assert stack.account.privacy()["last_seen"] == "all"


@pytest.mark.slow
def test_a_rename_that_was_interrupted_stays_set(deploy: Deploy) -> None:
    stack = deploy(RYZE)
    stack.up(program("none", name="old", baseline="all"))
    stop = """
def stop(_):
    raise pulumi.RunError("stopped by the test")
new.id.apply(stop)
"""
    assert stack.fails("new = " + program("none", name="new", baseline="all") + stop) == "stopped by the test"
    assert set(stack.stack.state()) == {"old", "new"}
    stack.account.clear_requests()

    assert stack.up(program("none", name="new", baseline="all")).steps == {"old": ["delete"]}
    assert "privacy_write" not in {request.operation for request in stack.account.requests()}
    assert stack.account.privacy()["last_seen"] == "none"
    stack.destroy()
    assert stack.account.privacy()["last_seen"] == "all"


@only_cli
def test_a_setting_whose_new_resource_cannot_set_it_keeps_the_old_one(deploy: Deploy) -> None:
    stack = deploy(RYZE)
    stack.up(program("none", name="old"))
    stack.account.fault("unauthorized", on="privacy_write", times=None)
    stack.stack.program(program("contacts", name="new"))

    failed = stack.stack.up("--continue-on-error")

    assert failed.exit != 0
    said(failed, "last_seen", "is not set back yet: PrivacySetting 'new' declares it and has not set it")
    assert set(stack.stack.state()) == {"old"}
    assert stack.account.privacy()["last_seen"] == "none"

    stack.account.clear_faults()
    stack.destroy()
    assert stack.account.privacy()["last_seen"] == "all"


@pytest.mark.slow
def test_another_setting_gives_the_old_one_back(deploy: Deploy) -> None:
    stack = deploy(RYZE)
    stack.up(program("none"))

    stack.up(program("none").replace("last_seen", "about"))
    assert (stack.account.privacy()["last_seen"], stack.account.privacy()["about"]) == ("all", "none")
    stack.destroy()
    assert stack.account.privacy()["about"] == "all"


@pytest.mark.slow
def test_two_resources_swap_their_settings(deploy: Deploy) -> None:
    stack = deploy(RYZE)
    swapped = {"last_seen": "about", "about": "last_seen"}
    both = """
        whatsapp.PrivacySetting("a", setting="{0}", value="none", baseline="contacts")
        whatsapp.PrivacySetting("b", setting="{1}", value="none", baseline="contacts")
    """
    stack.up(both.format(*swapped))
    stack.account.clear_requests()

    stack.up(both.format(*swapped.values()))

    assert "privacy_write" not in {request.operation for request in stack.account.requests()}
    assert {stack.account.privacy()[setting] for setting in swapped} == {"none"}
    stack.destroy("--refresh")
    assert {stack.account.privacy()[setting] for setting in swapped} == {"contacts"}


@pytest.mark.slow
def test_a_setting_whose_answer_was_lost_goes_back_when_it_is_removed(deploy: Deploy) -> None:
    stack = deploy(ZAPI, maxRetries=0)
    stack.account.fault("lost_answer", on="privacy_write")

    error = stack.fails(program("none", baseline="contacts"))
    assert "PrivacySetting 'seen': 1 not as declared: value unknown" in error
    assert stack.account.privacy()["last_seen"] == "none"

    stack.up("")
    assert stack.stack.state() == {}
    assert stack.account.privacy()["last_seen"] == "contacts"


@pytest.mark.slow
@pytest.mark.parametrize("later", [None, "contacts"], ids=["as-it-was", "changed-later"])
def test_a_value_that_was_live_already_stands_after_a_destroy(deploy: Deploy, later: str | None) -> None:
    stack = deploy(RYZE)
    stack.account.set_privacy("last_seen", "none")
    stack.account.clear_requests()
    stack.up(program("none"))
    assert {request.operation for request in stack.account.requests()} == {"privacy_read"}
    if later:
        stack.up(program(later))
        assert stack.account.privacy()["last_seen"] == later

    stack.destroy()
    assert stack.account.privacy()["last_seen"] == "none"


@pytest.mark.slow
def test_a_destroy_keeps_the_value_or_sets_the_baseline(deploy: Deploy) -> None:
    stack = deploy(RYZE)
    stack.up(
        program("none", baseline="contacts")
        + '\nwhatsapp.PrivacySetting("about", setting="about", value="none", on_destroy="keep")'
    )
    stack.destroy()
    assert stack.account.privacy()["last_seen"] == "contacts"
    assert stack.account.privacy()["about"] == "none"


@pytest.mark.slow
def test_a_gateway_that_cannot_read(deploy: Deploy) -> None:
    stack = deploy(ZAPI)
    about = '\nwhatsapp.PrivacySetting("about", setting="about", value="none", baseline="contacts")'
    stack.stack.program(program("none") + about)
    said(stack.stack.preview(), "Z-API cannot read last_seen", "set `baseline` to the value to go back to")
    stack.up()
    said(stack.stack.refresh(), "cannot show the values of privacy settings", "was not compared with it")

    gone = stack.destroy()
    said(gone, "last_seen", "stays 'none'", "the value before this stack is not known", "`baseline`")
    assert stack.account.privacy()["last_seen"] == "none"
    assert stack.account.privacy()["about"] == "contacts"


BLACKLIST = "contact_blacklist"


@pytest.mark.slow
def test_exceptions_are_as_declared_after_every_change_of_value(deploy: Deploy) -> None:
    stack = deploy(ZAPI)
    account = stack.account
    account.set_privacy("last_seen", BLACKLIST)
    account.add_exceptions("last_seen", STRANGER)
    keep = {"baseline": BLACKLIST}

    stack.up(program(BLACKLIST, exceptions=[ONE, TWO], **keep))
    assert account.exceptions("last_seen") == {ONE, TWO, STRANGER}
    stack.up(program("none", **keep))
    assert account.privacy()["last_seen"] == "none"
    stack.up(program(BLACKLIST, exceptions=[TWO, THREE], **keep))
    assert account.exceptions("last_seen") == {TWO, THREE, STRANGER}, "what was let go of under another value is gone"

    stack.up(program("none", **keep))
    stack.destroy()
    assert account.privacy()["last_seen"] == BLACKLIST
    assert account.exceptions("last_seen") == {STRANGER}


@pytest.mark.slow
def test_exclusive_exceptions_through_every_change_of_value(deploy: Deploy) -> None:
    stack = deploy(ZAPI)
    account = stack.account
    account.add_exceptions("last_seen", STRANGER)
    exclusive = {"exceptions_mode": "exclusive", "baseline": "all"}

    stack.up(program(BLACKLIST, exceptions=[ONE], **exclusive))
    assert account.exceptions("last_seen") == {ONE}
    account.add_exceptions("last_seen", STRANGER)
    stack.stack.program(program(BLACKLIST, exceptions=[TWO], **exclusive))
    said(stack.stack.preview(), "would remove 2 contacts", ONE, STRANGER)
    stack.up()
    assert account.exceptions("last_seen") == {TWO}
    stack.up(program("all", baseline="all"))
    stack.up(program(BLACKLIST, exceptions=[THREE], **exclusive))
    assert account.exceptions("last_seen") == {THREE}

    account.add_exceptions("last_seen", STRANGER)
    stack.stack.refresh()
    said(stack.destroy(), "last_seen", "'all' again", THREE, "stay on WhatsApp's list")
    assert account.privacy()["last_seen"] == "all"
    assert account.exceptions("last_seen") == {THREE, STRANGER}


def test_one_setting_declared_twice_is_an_error(deploy: Deploy) -> None:
    stack = deploy(RYZE)
    stack.stack.program(program("none", name="a") + "\n" + program("contacts", name="b"))
    error = only_error(stack.stack.preview())
    assert "last_seen is declared twice" in error
    assert "'a'" in error
    assert "'b'" in error
    assert stack.account.requests() == []


@pytest.mark.slow
def test_strangers_are_never_owned_by_exceptions_that_are_ignored(deploy: Deploy) -> None:
    """The engine hands out the state's exceptions as the program's own, also after a refresh has found strangers."""
    stack = deploy(ZAPI)
    program = """
        whatsapp.PrivacySetting(
            "about", setting="about", value="contact_blacklist", baseline="contact_blacklist",
            exceptions=["{}"], exceptions_mode="{}", opts=pulumi.ResourceOptions(ignore_changes={}),
        )
    """
    stack.up(program.format(ONE, "exclusive", []))
    stack.account.add_exceptions("about", STRANGER)
    assert stack.stack.refresh().exit == 0

    stack.up(program.format(ONE, "additive", ["exceptions"]))
    assert stack.account.exceptions("about") == {ONE, STRANGER}
    stack.destroy()

    assert stack.account.exceptions("about") == {STRANGER}


RENAMED_EXCEPTIONS = """
whatsapp.PrivacySetting(
    "{name}", setting="about", value="contact_blacklist", baseline="contact_blacklist", exceptions={exceptions},
)
"""


def test_a_renamed_setting_drops_an_exception(deploy: Deploy) -> None:
    stack = deploy(ZAPI)
    stack.account.set_privacy("about", BLACKLIST)
    stack.account.add_exceptions("about", STRANGER)
    stack.up(RENAMED_EXCEPTIONS.format(name="old", exceptions=[ONE, TWO]))

    stack.up(RENAMED_EXCEPTIONS.format(name="new", exceptions=[TWO, THREE]))

    assert stack.account.exceptions("about") == {TWO, THREE, STRANGER}
    stack.destroy()
    assert stack.account.exceptions("about") == {STRANGER}


@only_cli
def test_a_forced_replacement_of_a_setting_drops_an_exception(deploy: Deploy) -> None:
    stack = deploy(ZAPI)
    stack.up(RENAMED_EXCEPTIONS.format(name="about", exceptions=[ONE, TWO]))

    stack.up(RENAMED_EXCEPTIONS.format(name="about", exceptions=[TWO]), "--replace", "**::about")

    assert stack.account.exceptions("about") == {TWO}


@pytest.mark.slow
def test_dormant_exceptions_are_not_lost_by_a_rename(deploy: Deploy) -> None:
    """They can be removed only under contact_blacklist; until then the old resource keeps them."""
    stack = deploy(ZAPI)
    keep = {"baseline": BLACKLIST}
    stack.up(program(BLACKLIST, name="old", exceptions=[ONE, TWO], **keep))
    stack.up(program("none", name="old", **keep))

    error = stack.fails(program("none", name="new", **keep))
    assert "stay on WhatsApp's list of exceptions of last_seen" in error
    stack.up(program(BLACKLIST, name="new", exceptions=[TWO], **keep))

    assert stack.account.exceptions("last_seen") == {TWO}
    assert set(stack.stack.state()) == {"new"}

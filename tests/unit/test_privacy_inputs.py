"""What a `PrivacySetting` can be given, and what is said of what it cannot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pulumi_whatsapp.gateways.base import Capabilities
from pulumi_whatsapp.lifecycle import privacy
from pulumi_whatsapp.lifecycle.inputs import UNKNOWN, Inputs, Props, Unknown

from .fake import LINKED, LISTING, READING, FakeWorld, by, number
from .stacks import why_not

BLACKLIST = "contact_blacklist"


def _check(world: FakeWorld, olds: Props | None = None, **news: Any) -> Inputs:
    return privacy.check(news, olds or {}, world.accounts(), by())


@pytest.mark.parametrize(
    ("can", "more", "told"),
    [
        (LINKED, {}, True),
        (LINKED, {"baseline": "all"}, False),
        (LINKED, {"baseline": UNKNOWN}, False),
        (LINKED, {"onDestroy": "keep"}, False),
        (READING, {}, False),
    ],
)
async def test_a_setting_that_a_destroy_cannot_give_back_is_announced(
    world: FakeWorld, can: Capabilities, more: Props, told: bool
) -> None:
    world.can = can
    await privacy.announce(_check(world, setting="last_seen", value="none", **more))
    assert any("cannot read last_seen, so a destroy will leave it" in line for line in world.report.infos) == told


@pytest.mark.parametrize(
    ("setting", "value", "checked"),
    [
        ("last_seen", "contact_blacklist", ("last_seen", "contact_blacklist")),
        ("lastSeen", "CONTACT_BLACKLIST", ("last_seen", "contact_blacklist")),
        ("LAST-SEEN", "Contact Blacklist", ("last_seen", "contact_blacklist")),
        ("groupAdd", "CONTACTS", ("group_add", "contacts")),
        ("description", "NONE", ("about", "none")),
        ("online", "SAME_LAST_SEEN", ("online", "match_last_seen")),
        ("readReceipts", "disable", ("read_receipts", "none")),
        ("messages-duration", "days90", ("default_message_timer", "90d")),
        ("Last seen", "My contacts except…", ("last_seen", "contact_blacklist")),  # the labels of WhatsApp's app
        ("Profile photo", "My contacts except...", ("profile_photo", "contact_blacklist")),
        ("last_seen", "My contacts", ("last_seen", "contacts")),
        ("About", "Nobody", ("about", "none")),
        ("group_add", "Everyone", ("group_add", "all")),
        ("Online", "Same as last seen", ("online", "match_last_seen")),
        ("Default message timer", "24 hours", ("default_message_timer", "24h")),
    ],
)
def test_a_gateway_s_own_spelling_of_a_setting_and_a_value_is_read(
    linked: FakeWorld, setting: str, value: str, checked: tuple[str, str]
) -> None:
    inputs = _check(linked, setting=setting, value=value)
    assert inputs.failures == []
    assert (inputs.checked["setting"], inputs.checked["value"]) == checked
    assert inputs.checked["onDestroy"] == "restore"


@pytest.mark.parametrize(
    ("news", "says"),
    [
        ({"value": "all"}, "setting: it is missing"),
        (
            {"setting": "last_sen", "value": "all"},
            "setting: 'last_sen' is not a WhatsApp privacy setting; did you mean",
        ),
        ({"setting": "about"}, "value: it is missing"),
        ({"setting": "about", "value": "everybody"}, "value: 'everybody' is not a value of about; it is one of all,"),
        ({"setting": "group_add", "value": "none"}, "value: 'none' is not a value of group_add"),
        ({"setting": "about", "value": "all", "baseline": "x"}, "baseline: 'x' is not a value of about"),
        ({"setting": "about", "value": "all", "onDestroy": "undo"}, "on_destroy: 'undo' is not possible"),
        (
            {"setting": "about", "value": "all", "exceptions": [number(1)]},
            "exceptions: WhatsApp keeps exceptions only under value 'contact_blacklist', and value is 'all'",
        ),
        (
            {"setting": "about", "value": "all", "exceptionsMode": "exclusive"},
            "exceptions: WhatsApp keeps exceptions only under value 'contact_blacklist'",
        ),
        ({"setting": "about", "value": BLACKLIST, "exceptions": ["+1"]}, "exceptions: '+1' is not a possible phone"),
        (
            {"setting": "about", "value": BLACKLIST, "exceptions": [number(1)], "exceptionsMode": "all"},
            "exceptions_mode: 'all' is not possible",
        ),
    ],
)
def test_what_is_not_possible_is_said(linked: FakeWorld, news: Props, says: str) -> None:
    assert why_not(_check(linked, **news)).startswith(says)


@pytest.mark.parametrize(
    ("can", "news", "says"),
    [
        (LISTING, {"setting": "about", "value": "all"}, "setting: Fake cannot set about; it has no privacy settings"),
        (
            replace(LINKED, privacy={"online": ("all",)}),
            {"setting": "about", "value": "all"},
            "setting: Fake cannot set about; it can set online",
        ),
        (
            replace(LINKED, privacy={"about": ("all", "none")}),
            {"setting": "about", "value": "contacts"},
            "value: Fake cannot set about to 'contacts'; it can set all, none",
        ),
        (
            replace(LINKED, exceptions=frozenset({"last_seen"})),
            {"setting": "about", "value": BLACKLIST, "exceptions": [number(1)]},
            "exceptions: Fake cannot change the exceptions of about; it can for last_seen",
        ),
        (
            replace(LINKED, reads_exceptions=False),
            {"setting": "about", "value": BLACKLIST, "exceptions": [number(1)], "exceptionsMode": "exclusive"},
            "exceptions_mode: Fake cannot list exceptions, so they cannot be exclusive; use 'additive'",
        ),
    ],
)
def test_what_the_gateway_cannot_do_is_refused_with_what_it_can(
    world: FakeWorld, can: Capabilities, news: Props, says: str
) -> None:
    world.can = can
    assert why_not(_check(world, **news)).startswith(says)


def test_exceptions_have_the_form_of_a_list(linked: FakeWorld) -> None:
    inputs = _check(linked, setting="about", value=BLACKLIST, exceptions=["+55 11 98765-4321", number(1)])
    assert inputs.checked["exceptions"] == {"+5511987654321": "", number(1): ""}
    assert inputs.checked["exceptionsMode"] == "additive"


def test_unknown_values_pass_a_preview(linked: FakeWorld) -> None:
    inputs = _check(linked, setting=UNKNOWN, value=UNKNOWN, exceptions=UNKNOWN, baseline=UNKNOWN)
    assert inputs.failures == []
    assert isinstance(inputs.checked["value"], Unknown)

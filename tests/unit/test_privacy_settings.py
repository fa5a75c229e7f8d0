"""How WhatsApp's privacy settings and their values are spelt."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.errors import InvalidInput
from pulumi_whatsapp.privacy_settings import CONTACT_BLACKLIST, VALUES, Value, canonical_setting, canonical_value


@pytest.mark.parametrize(("setting", "value"), [(name, value) for name, values in VALUES.items() for value in values])
def test_every_value_of_every_setting_is_its_own_canonical_form(setting: str, value: str) -> None:
    for spelt in (setting, setting.upper(), setting.replace("_", "")):
        assert canonical_setting(spelt) == setting
    for spelt in (value, value.upper(), value.replace("_", "-")):
        assert canonical_value(setting, spelt) == value


def test_every_value_of_a_setting_is_typed() -> None:
    assert set(get_args(Value)) == {value for values in VALUES.values() for value in values}


@given(st.text(max_size=12) | st.sampled_from([*VALUES, "Last seen", "status", "lastSeen "]))
def test_any_text_is_one_setting_or_refused_with_what_there_is(text: str) -> None:
    refusal = None
    try:
        setting = canonical_setting(text)
        assert canonical_setting(setting) == setting
    except InvalidInput as error:
        refusal = error
    if refusal is not None:
        assert refusal.property == "setting"
        assert "it is one of last_seen, " in str(refusal)
        assert "\n" not in str(refusal)


@pytest.mark.parametrize(
    ("setting", "text", "value"),
    [
        ("group_add", "Nobody", None),  # which other settings have
        ("online", "same as last seen", "match_last_seen"),
        ("about", "same as last seen", None),
        ("read_receipts", "disable", "none"),
        ("default_message_timer", "disable", "off"),  # the same word, another meaning
        ("about", "disable", None),
        ("about", "My contacts except…", CONTACT_BLACKLIST),
    ],
)
def test_a_spelling_is_a_value_only_of_the_settings_that_have_it(setting: str, text: str, value: str | None) -> None:
    if value is not None:
        assert canonical_value(setting, text) == value
        return
    with pytest.raises(
        InvalidInput, match=rf"is not a value of {setting}; .*it is one of {', '.join(VALUES[setting])}"
    ) as error:
        canonical_value(setting, text, "baseline")
    assert error.value.property == "baseline"

"""How WhatsApp's privacy settings and their values are spelt."""

from __future__ import annotations

from typing import get_args

import pytest

from pulumi_whatsapp.settings import VALUES, Value, canonical_setting, canonical_value


@pytest.mark.parametrize(("setting", "value"), [(name, value) for name, values in VALUES.items() for value in values])
def test_every_value_of_every_setting_is_its_own_canonical_form(setting: str, value: str) -> None:
    for spelt in (setting, setting.upper(), setting.replace("_", "")):
        assert canonical_setting(spelt) == setting
    for spelt in (value, value.upper(), value.replace("_", "-")):
        assert canonical_value(setting, spelt) == value


def test_every_value_of_a_setting_is_typed() -> None:
    assert set(get_args(Value)) == {value for values in VALUES.values() for value in values}

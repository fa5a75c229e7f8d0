"""What the process of a dynamic provider is handed."""

from __future__ import annotations

from pulumi.dynamic import Config

from pulumi_whatsapp.dynamic._process import namespace_values


def test_what_the_provider_is_handed_is_read_whole() -> None:
    handed = Config({"whatsapp:gateway": "zapi", "whatsapp:maxUnblock": "1", "demo:maxUnblock": "2"}, "demo")
    assert namespace_values(handed) == {"gateway": "zapi", "maxUnblock": "1"}

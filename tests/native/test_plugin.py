"""The plugin's process, as Pulumi starts and ends it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

_PATIENCE = 60


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send")
@pytest.mark.parametrize("handler", [signal.SIG_DFL, signal.SIG_IGN], ids=["in front", "in the background"])
@pytest.mark.parametrize("engine", [["127.0.0.1:1"], []], ids=["started by an engine", "to attach to"])
def test_a_plugin_that_is_interrupted_ends_without_a_word(engine: list[str], handler: signal.Handlers) -> None:
    """`pulumi convert` ends so whom it asked for the schema, and shows what they say as a fault of the provider.

    What a shell runs in the background is started with the signal ignored.
    """
    command = [sys.executable, "-m", "pulumi_whatsapp.native", *engine]
    before = signal.signal(signal.SIGINT, handler)  # which the plugin inherits
    try:
        plugin = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, before)
    with plugin:
        assert plugin.stdout is not None
        assert plugin.stdout.readline().strip().isdecimal()

        plugin.send_signal(signal.SIGINT)
        _, said = plugin.communicate(timeout=_PATIENCE)

    assert (plugin.returncode, said) == (0, "")

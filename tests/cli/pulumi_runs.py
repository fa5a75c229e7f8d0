"""One stack through its life on the real Pulumi CLI, and what it printed with ``--json`` on each step.

``python -m tests.cli.pulumi_runs`` records it anew into ``printed``; `test_summary_cli` plays it and compares.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from whatsapp_sandbox import Sandbox

PRINTED = Path(__file__).parent / "printed"
STREAMING = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}
META, DIALOG, RYZE = ("meta", "106540352242922"), ("360dialog", "+551140000000"), ("ryzeapi", "support")
OTHER = "106540352249999"
CONFIG = {
    "whatsapp:gateway": "meta",
    "whatsapp:phoneNumberId": META[1],
    "whatsapp:sandbox": "whatsapp.sandbox",
    "whatsapp:accounts": {
        "support": {"gateway": "ryzeapi", "instance": "support"},
        "only": {"gateway": "360dialog", "phoneNumber": DIALOG[1]},
        "other": {"gateway": "meta", "phoneNumberId": OTHER},
    },
}
SPAM = "{f'+55119876500{n:02}': f'row {n}' for n in range(1, LAST)}"
FIRST = """
one = whatsapp.BlockedContact("one", phone="+5511987654321", reason="spam @all | 4711")
whatsapp.BlockedContact("two", phone="+5511987654322", opts=pulumi.ResourceOptions(retain_on_delete=True))
whatsapp.Blocklist("spam", contacts=SPAM)
whatsapp.Blocklist("later", contacts=[one.wa_id.apply(lambda name: "+5521998765432" if name else "")])
whatsapp.Blocklist("hidden", contacts=pulumi.Output.secret(["+5511987659008", "+5511987659009"]))
whatsapp.PrivacySetting("last-seen", setting="last_seen", value="none", account="support")
whatsapp.Blocklist("only", contacts=["+5511987650001"], mode="exclusive", account="only")
""".replace("SPAM", SPAM).replace("LAST", "26")
SECOND = """
whatsapp.Blocklist(
    "spam", contacts={**SPAM, "+5511987654321": "moved here", "+5511987659999": "wrote long ago"}
)
whatsapp.Blocklist("hidden", contacts=pulumi.Output.secret(["+5511987659009"]))
whatsapp.PrivacySetting("last-seen", setting="last_seen", value="contacts", account="support")
whatsapp.Blocklist("only", contacts=["+5511987650001"], mode="exclusive", account="only")
""".replace("SPAM", SPAM).replace("LAST", "24")
THIRD = SECOND.replace("range(1, 24)", "range(1, 20)")
MOVED = THIRD.replace('"wrote long ago"}', '"wrote long ago"}, account="other"')


class Life:
    """A stack in a folder of its own, with the CLI on PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "WHATSAPP_"))},
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": (folder / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_PYTHON_CMD": sys.executable,
        }
        (folder / "backend").mkdir()
        (folder / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
        self._run("stack", "init", "dev")
        settings = folder / "Pulumi.dev.yaml"
        settings.write_text(yaml.safe_dump({**(yaml.safe_load(settings.read_text()) or {}), "config": CONFIG}))
        self.sandbox = Sandbox(folder / "whatsapp.sandbox")

    def printed(self) -> Iterator[tuple[str, str]]:
        """Play the life; yields the name of each step and what the CLI printed."""
        meta, dialog, ryze = (self.sandbox.account(*who) for who in (META, DIALOG, RYZE))
        self.program(FIRST)
        dialog.block("+16505551234")
        yield "create", self._run("preview")
        yield "create-streamed", self._run("preview", **STREAMING)
        yield "up", self._run("up", "--yes", "--skip-preview")
        meta.unblock("+5511987650003", "+5511987654322", "+5511987659008")
        ryze.set_privacy("last_seen", "all")
        yield "refresh", self._run("refresh", "--preview-only")
        yield "refresh-streamed", self._run("refresh", "--preview-only", **STREAMING)
        yield "preview-refresh-streamed", self._run("preview", "--refresh", **STREAMING)
        meta.block("+5511987650003", "+5511987654322", "+5511987659008")
        ryze.set_privacy("last_seen", "none")
        self.program(SECOND)
        yield "change", self._run("preview")
        yield "change-streamed", self._run("preview", **STREAMING)
        yield "too-many", self._run("preview", WHATSAPP_MAX_UNBLOCKS="0")
        meta.contact("+5511987659999", messaged_recently=False)
        yield "up-refused", self._run("up", "--yes", "--skip-preview")
        meta.contact("+5511987659999", messaged_recently=True)
        self.program(THIRD)
        meta.fault("unauthorized", times=None, on="unblock")
        yield "up-delete-failed", self._run("up", "--yes", "--skip-preview")
        meta.clear_faults()
        yield "left-behind", self._run("preview")
        yield "left-behind-streamed", self._run("preview", **STREAMING)
        yield "left-behind-refresh-streamed", self._run("refresh", "--preview-only", **STREAMING)
        self._run("up", "--yes", "--skip-preview")
        self.program(MOVED)
        yield "move", self._run("preview")
        yield "move-streamed", self._run("preview", **STREAMING)
        yield "destroy", self._run("destroy", "--preview-only")
        self.sandbox.close()

    def program(self, source: str) -> None:
        """Write the program."""
        (self.folder / "__main__.py").write_text(f"import pulumi\nimport pulumi_whatsapp as whatsapp\n{source}")

    def _run(self, *arguments: str, **environment: str) -> str:
        json_ = [] if arguments[0] == "stack" else ["--json", "--stack", "dev"]
        return subprocess.run(
            ["pulumi", *arguments, *json_, "--non-interactive"],
            cwd=self.folder,
            env={**self._environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        ).stdout


def _clean(value: Any) -> Any:
    """Return what was printed without the places in the program, which are those of whoever records it."""
    if isinstance(value, dict):
        left_out = {"stackTrace", "sourcePosition", "propertyDependencies", "timestamp", "__provider"}
        return {key: _clean(item) for key, item in value.items() if key not in left_out}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return re.sub(r'"/[^"]*/', '"/…/', value) if isinstance(value, str) else value


def record() -> None:
    """Write what the CLI prints into `PRINTED`."""
    PRINTED.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, printed in Life(Path(folder)).printed():
            try:
                text = json.dumps(_clean(json.loads(printed)), indent=1)
            except ValueError:
                events = [json.loads(line) for line in printed.splitlines()]
                spoken = [event for event in events if event.get("diagnosticEvent", {}).get("severity") != "debug"]
                text = "\n".join(json.dumps(_clean(event)) for event in spoken)
            (PRINTED / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    record()

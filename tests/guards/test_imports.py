"""`pulumi import`, refreshes and functions from YAML and TypeScript."""

from __future__ import annotations

import json

import pytest
import yaml

from whatsapp_sandbox import SandboxAccount

from ..engine.project import CliProject
from .conftest import Speak
from .languages import Spoken, WrittenResource, contact, contact_list
from .world import ACCOUNTS, NO_CLI, ONE, RYZE, STRANGER, THREE, TWO, keys_of, said, well

pytestmark = [pytest.mark.engine, NO_CLI, pytest.mark.slow]

BUSINESS, PHONE = "sandbox/meta/106540352242922", "sandbox/ryzeapi/demo"


def both(speak: Speak) -> tuple[Spoken, SandboxAccount]:
    """Return a stack with an account whose block list can be read, and one whose privacy settings can."""
    return (stack := speak(accounts={"phone": ACCOUNTS[RYZE]})), stack.at(RYZE)


def imported(stack: Spoken, **ids: str) -> None:
    """Import resources by id, one of each name, and make the code that this prints the program."""
    kinds = {"single": "BlockedContact", "list": "Blocklist", "seen": "PrivacySetting"}
    assert isinstance(stack.stack, CliProject)
    wanted = [{"type": f"whatsapp:index:{kinds[name]}", "name": name, "id": id_} for name, id_ in ids.items()]
    (stack.stack.folder / "import.json").write_text(json.dumps({"resources": wanted}))
    generated = stack.stack.folder / "generated"
    stack.declares()
    stack.stack.cli(
        *("import", "--file", "import.json", "--out", str(generated), "--yes", "--skip-preview"),
        *("--protect=false", "--stack", "dev"),
    )
    code = generated.read_text()
    stack.stack.program(code.replace('import * as pulumi from "@pulumi/pulumi";\n', "").replace(_IMPORT, ""))


_IMPORT = 'import * as whatsapp from "pulumi-whatsapp";\n'


def test_what_is_there_is_imported_and_its_code_changes_nothing(speak: Speak) -> None:
    stack, phone = both(speak)
    stack.account.block(ONE, TWO, STRANGER)
    phone.set_privacy("last_seen", "contacts")

    imported(stack, single=f"{BUSINESS}/{ONE[1:]}", seen=f"{PHONE}/privacy/last_seen")

    quiet = well(stack.stack.preview("--expect-no-changes"))
    assert quiet.said == []
    assert stack.up().steps == {}
    stack.holds(ONE, others=[TWO, STRANGER])
    assert stack.unblocked() == set()
    stack.destroy()
    stack.holds(others=[TWO, STRANGER])
    assert phone.privacy()["last_seen"] == "contacts"


def test_a_list_is_imported_by_its_account(speak: Speak) -> None:
    stack = speak()
    stack.account.block(ONE, TWO, THREE)
    stack.account.let_a_day_pass()

    imported(stack, list=BUSINESS)

    quiet = well(stack.stack.preview("--expect-no-changes"))
    assert quiet.said == []
    stack.holds(ONE, TWO, THREE)
    stack.comes_to(contact_list("list", ONE, TWO))
    assert stack.unblocked() == keys_of([THREE])
    stack.holds(ONE, TWO)


def test_a_refresh_finds_what_somebody_did_on_the_phone(speak: Speak) -> None:
    stack, phone = both(speak)
    seen = WrittenResource("PrivacySetting", "seen", {"setting": "last_seen", "value": "none", "account": "phone"})
    stack.comes_to(contact("single", ONE), contact_list("list", TWO, THREE), seen)
    stack.account.unblock(ONE, TWO)
    stack.account.block(STRANGER)
    phone.set_privacy("last_seen", "contacts")

    refreshed = well(stack.stack.refresh())

    assert refreshed.steps == {"single": ["delete"], "list": ["update"], "seen": ["update"]}
    stack.owns(THREE)
    said(stack.stack.preview(), f"Blocklist 'list': blocks 1: {TWO}")
    stack.up()
    stack.holds(ONE, TWO, THREE, others=[STRANGER])
    assert phone.privacy()["last_seen"] == "none"
    stack.destroy()
    stack.holds(others=[STRANGER])
    assert phone.privacy()["last_seen"] == "all"


FUNCTIONS = {
    "yaml": yaml.safe_dump(
        {
            "variables": {
                "blocked": {"fn::invoke": {"function": "whatsapp:getBlockedContacts", "arguments": {}}},
                "settings": {
                    "fn::invoke": {"function": "whatsapp:getPrivacySettings", "arguments": {"account": "phone"}}
                },
            },
            "outputs": {
                "account": "${blocked.accountId}",
                "contacts": "${blocked.contacts}",
                "lastSeen": "${settings.values.last_seen}",
            },
        }
    ),
    "typescript": """
const blocked = whatsapp.getBlockedContactsOutput();
export const account = blocked.accountId;
export const contacts = blocked.contacts;
export const lastSeen = pulumi.output(whatsapp.getPrivacySettings({ account: "phone" })).apply(
    settings => settings.values["last_seen"],
);
""",
}


def test_functions_say_what_is_live(speak: Speak) -> None:
    stack, _ = both(speak)
    stack.account.block(ONE, STRANGER)
    assert isinstance(stack.stack, CliProject)

    stack.up(FUNCTIONS[stack.language])

    found = stack.stack.outputs()
    assert keys_of(found.pop("contacts")) == keys_of([ONE, STRANGER])
    assert found == {"account": BUSINESS, "lastSeen": "all"}

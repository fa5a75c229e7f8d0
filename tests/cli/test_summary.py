"""``summary`` says who comes and who goes, from what the real CLI has printed (`pulumi_runs`)."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_whatsapp.cli.summary import written
from pulumi_whatsapp.cli.summary.compare import compare
from pulumi_whatsapp.cli.summary.meaning import Summary
from pulumi_whatsapp.cli.summary.printed import read
from pulumi_whatsapp.cli.summary.told import lines
from pulumi_whatsapp.errors import InvalidInput

from .conftest import Command
from .pulumi_runs import PRINTED

META, DIALOG, RYZE = "sandbox/meta/106540352242922", "sandbox/360dialog/+551140000000", "sandbox/ryzeapi/support"
RUNS = sorted(PRINTED.glob("*.json"))
URN = "urn:pulumi:dev::demo::pulumi-python:dynamic/whatsapp:"


def summary(command: Command, name: str, *options: str) -> dict[str, Any]:
    """Return the summary of a recorded run, contacts as the list of who and what is noted of them."""
    ran = command("summary", "--json", *options, str(PRINTED / f"{name}.json"))
    found: dict[str, Any] = json.loads(ran.out)
    return {**found, "status": ran.status, "accounts": {each["account"]: each for each in found["accounts"]}}


def who(summarised: dict[str, Any], account: str, verb: str) -> dict[str | None, str]:
    """Return contact -> note."""
    entries = summarised["accounts"].get(account, {}).get(verb, [])
    return {entry["contact"]: entry["note"] for entry in entries}


def spam(*numbers: int) -> set[str]:
    """Return contacts of the list ``spam``."""
    return {f"+55119876500{number:02}" for number in numbers}


def test_an_update_whose_preview_is_an_object_is_read_by_its_events() -> None:
    """So prints `pulumi up --yes --json` without the variable."""
    events = (PRINTED / "up.json").read_text()
    assert read((PRINTED / "create.json").read_text() + "\n" + events) == read(events)


@pytest.mark.parametrize("name", ["create", "create-streamed"])
def test_a_first_preview_blocks(command: Command, name: str) -> None:
    found = summary(command, name, "--exit-code")
    assert (found["status"], found["kind"], found["stack"], found["unblocks"]) == (2, "preview", "demo/dev", False)
    hidden = {"…9008", "…9009"}
    assert set(who(found, META, "blocks")) == spam(*range(1, 26)) | {"+5511987654321", "+5511987654322"} | hidden
    assert set(who(found, DIALOG, "blocks")) == {"+5511987650001"}
    assert [entry["reason"] for entry in found["accounts"][META]["blocks"] if entry["contact"] == "+5511987654321"] == [
        "spam @all | 4711"
    ]
    assert found["unknown"] == ["Blocklist 'later': whom it blocks is known only when the update runs"]
    assert [(each["setting"], each["before"], each["after"]) for each in found["accounts"][RYZE]["settings"]] == [
        ("last_seen", None, "none")
    ]
    assert found["whole"] is (name == "create-streamed")


@pytest.mark.parametrize("name", ["change", "change-streamed"])
def test_who_goes_is_named_and_who_moves_is_not(command: Command, name: str) -> None:
    found = summary(command, name, "--exit-code")
    assert found["status"] == 3
    assert set(who(found, META, "unblocks")) == spam(24, 25) | {"…9008", "+5521998765432"}
    assert who(found, META, "stays") == {
        "+5511987654321": "moves to Blocklist 'spam'",
        "+5511987654322": "retain_on_delete",
    }
    assert set(who(found, META, "blocks")) == {"+5511987659999"}
    assert who(found, DIALOG, "unblocks") == {"+16505551234": "not declared, and the list is exclusive"}
    assert [(each["before"], each["after"]) for each in found["accounts"][RYZE]["settings"]] == [("none", "contacts")]


def test_what_somebody_changed_by_hand(command: Command) -> None:
    found = summary(command, "refresh-streamed", "--exit-code")
    assert (found["status"], found["kind"]) == (2, "refresh")
    assert set(who(found, META, "unblocked_outside")) == spam(3) | {"+5511987654322"}
    assert [(each["before"], each["after"], each["outside"]) for each in found["accounts"][RYZE]["settings"]] == [
        ("none", "all", True)
    ]
    [unknown] = found["unknown"]
    assert unknown.startswith("Blocklist 'hidden': what differs in it is a secret")


def test_a_refresh_that_does_not_say_what_differs_says_how_to_see_it(command: Command) -> None:
    found = summary(command, "refresh", "--exit-code")
    assert (found["status"], found["kind"]) == (2, "refresh")
    assert set(who(found, META, "unblocked_outside")) == {"+5511987654322"}
    [unknown] = found["unknown"]
    assert "4 of the resources of the stack differ" in unknown
    assert "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true" in unknown


def test_a_preview_that_refreshes_says_both(command: Command) -> None:
    found = summary(command, "preview-refresh-streamed", "--exit-code")
    assert (found["status"], found["kind"], found["unknown"]) == (3, "preview", [])
    assert set(who(found, META, "unblocked_outside")) == spam(3) | {"+5511987654322"}
    assert set(who(found, META, "blocks")) == spam(3) | {"+5511987654322", "…9008"}
    assert set(who(found, DIALOG, "unblocks")) == {"+16505551234"}


def test_a_preview_that_failed(command: Command) -> None:
    found = summary(command, "too-many")
    assert (found["status"], found["failed"]) == (1, True)
    [error] = found["errors"]
    assert error.startswith("pulumi_whatsapp.TooManyUnblocks: this would unblock ")


def test_an_update_says_who_was_refused(command: Command) -> None:
    found = summary(command, "up-refused", "--exit-code")
    assert (found["status"], found["kind"]) == (1, "update")
    assert who(found, META, "fails")["+5511987659999"].startswith("refused: Meta 106540352242922: Re-engagement")
    assert spam(24, 25) | {"+5521998765432"} <= set(who(found, META, "unblocks"))
    assert set(who(found, DIALOG, "unblocks")) == {"+16505551234"}
    assert who(found, META, "blocks") == {}


def test_a_delete_that_failed_unblocks_nobody(command: Command) -> None:
    found = summary(command, "up-delete-failed")
    assert found["status"] == 1
    assert who(found, META, "unblocks") == {}
    assert who(found, META, "fails") == dict.fromkeys(spam(20, 21, 22, 23), "the unblock failed")
    assert any("4 of 24 contacts are not unblocked yet" in error for error in found["errors"])


def test_what_an_earlier_run_has_left_behind(command: Command) -> None:
    """The object that Pulumi prints has nothing of it, so the summary says what is missing."""
    found = summary(command, "left-behind-streamed", "--exit-code")
    assert (found["status"], set(who(found, META, "unblocks"))) == (3, spam(20, 21, 22, 23))
    found = summary(command, "left-behind", "--exit-code")
    assert (found["status"], found["accounts"], found["whole"]) == (0, {}, False)
    assert "Pulumi leaves out what an earlier run has left" in command("summary", str(PRINTED / "left-behind.json")).out
    found = summary(command, "left-behind-refresh-streamed", "--exit-code")
    assert found["status"] == 2
    assert [line.partition(":")[0] for line in found["unknown"]] == ["Blocklist 'spam'"]


@pytest.mark.parametrize("name", ["move", "move-streamed"])
@pytest.mark.parametrize("configured", [True, False])
def test_a_list_that_moves_to_another_account_unblocks_on_the_old_one(
    command: Command, tmp_path: Path, name: str, configured: bool
) -> None:
    printed = (PRINTED / f"{name}.json").read_text()
    (tmp_path / "run.json").write_text(printed if configured else printed.replace('"whatsapp:', '"another:'))
    found = json.loads(command("summary", "--json", "--exit-code", str(tmp_path / "run.json")).out)
    accounts = {each["account"]: each for each in found["accounts"]}
    people = spam(*range(1, 20)) | {"+5511987654321", "+5511987659999"}
    assert {entry["contact"] for entry in accounts[META]["unblocks"]} == people
    other = "sandbox/meta/106540352249999" if configured else "other"
    assert {entry["contact"] for entry in accounts[other]["blocks"]} == people
    assert accounts[META]["stays"] == accounts[META]["blocks"] == []


def test_a_default_account_that_became_another_is_not_taken_for_the_old_one(command: Command, tmp_path: Path) -> None:
    """Where the configuration is not known, nothing but the reason of the replacement tells it."""
    state = {"contacts": {"+16505551234": ""}, "mode": "additive"}
    step = {
        "op": "replace",
        "urn": f"{URN}Blocklist::x",
        "oldState": {"id": "a", "inputs": state, "outputs": {**state, "accountId": "meta/1"}},
        "newState": {"inputs": state, "outputs": {**state, "accountId": "meta/1"}},
        "replaceReasons": ["account"],
    }
    (tmp_path / "run.json").write_text(json.dumps({"steps": [step]}))
    ran = command("summary", "--json", "--exit-code", str(tmp_path / "run.json"))
    found = {each["account"]: each for each in json.loads(ran.out)["accounts"]}
    assert ran.status == 3
    assert [entry["contact"] for entry in found["meta/1"]["unblocks"]] == ["+16505551234"]
    assert [entry["contact"] for entry in found["default"]["blocks"]] == ["+16505551234"]


def test_two_lists_of_one_name_are_not_taken_for_each_other(command: Command, tmp_path: Path) -> None:
    steps = [
        {
            "op": "create",
            "urn": f"urn:pulumi:dev::demo::my:Team{team}$pulumi-python:dynamic/whatsapp:Blocklist::spam",
            "newState": {"inputs": {"contacts": {contact: ""}}},
        }
        for team, contact in (("A", "+16505551231"), ("B", "+16505551232"))
    ]
    said = [f"Blocklist 'spam': blocks 1: {contact}" for contact in ("+16505551231", "+16505551232")]
    told = [{"severity": "info", "message": line} for line in said]
    (tmp_path / "run.json").write_text(json.dumps({"steps": steps, "diagnostics": told}))
    found = json.loads(command("summary", "--json", str(tmp_path / "run.json")).out)
    assert [entry["contact"] for entry in found["accounts"][0]["blocks"]] == ["+16505551231", "+16505551232"]


def test_a_destroy_unblocks_whom_the_stack_has(command: Command) -> None:
    found = summary(command, "destroy", "--exit-code")
    assert found["status"] == 3
    assert set(who(found, META, "unblocks")) == spam(*range(1, 20)) | {"+5511987654321", "+5511987659999", None}
    assert [entry["count"] for entry in found["accounts"][META]["unblocks"] if entry["contact"] is None] == [None]


def test_without_exit_code_a_change_is_no_failure(command: Command) -> None:
    assert command("summary", str(PRINTED / "change.json")).status == 0


def test_markdown_names_the_first_and_counts_the_others(command: Command) -> None:
    file = str(PRINTED / "create-streamed.json")
    shown = command("summary", file).out
    assert len(re.findall(r"^\| blocks \| (?:\+|…)", shown, re.MULTILINE)) == 21
    assert "| blocks | 9 more |" in shown
    every = command("summary", "--all", file).out
    assert len(re.findall(r"^\| blocks \| (?:\+|…)", every, re.MULTILINE)) == 30
    assert " more |" not in every


def test_what_a_reason_says_means_nothing_in_markdown(command: Command) -> None:
    shown = command("summary", "--all", str(PRINTED / "create.json")).out
    assert r"| `spam @all \| 4711` |" in shown
    rows = [re.split(r"(?<!\\)\|", line) for line in shown.splitlines() if line.startswith("|")]
    assert {len(row) for row in rows} == {7}


@pytest.mark.parametrize("file", RUNS, ids=lambda path: path.stem)
def test_secrets_are_never_shown(command: Command, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSAPP_ACCOUNTS_SUPPORT_TOKEN", "Re-engagement")
    for options in ((), ("--json",), ("--all",)):
        shown = command("summary", *options, str(file)).out
        assert "987659008" not in shown
        assert "987659009" not in shown
        assert "Re-engagement" not in shown


def test_a_credential_in_a_message_is_not_shown(command: Command, tmp_path: Path) -> None:
    printed = {
        "config": {
            "whatsapp:token": "plain-text-token",
            "whatsapp:accounts": json.dumps({"support": {"apiKey": "plain-text-key"}}),
        },
        "diagnostics": [{"severity": "error", "message": "no: plain-text-token, plain-text-key"}],
    }
    (tmp_path / "run.json").write_text(json.dumps(printed))
    for options in ((), ("--json",)):
        ran = command("summary", *options, str(tmp_path / "run.json"))
        assert "[redacted], [redacted]" in ran.out.replace("\\[", "[").replace("\\]", "]")
        assert "plain-text" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("printed", "says"),
    [
        ("", "there is nothing to summarise: Pulumi printed nothing"),
        ("error: no stack", "line 1 is not what Pulumi prints"),
        ('{"steps": [', "line 1 is not what Pulumi prints"),
        ("[1, 2]", "this is JSON, and not Pulumi's"),
        ('{"a": 1}', "this is JSON, and not Pulumi's"),
        ('{"sequence": 0}\nTraceback', "line 2 is not what Pulumi prints"),
        ("[" * 100_000, "this JSON is nested too deep"),
    ],
)
def test_other_input_is_one_line(command: Command, tmp_path: Path, printed: str, says: str) -> None:
    (tmp_path / "run.json").write_text(printed)
    ran = command("summary", "--exit-code", str(tmp_path / "run.json"))
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith(f"error: {says}")
    assert ran.err.count("\n") == 1


def test_a_file_that_cannot_be_read_is_one_line(command: Command, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\x80\x81")
    for file, says in (("nowhere", "nowhere cannot be read: "), ("binary", f"{tmp_path}/binary is no text")):
        ran = command("summary", str(tmp_path / file) if file == "binary" else file)
        assert (ran.status, ran.err.count("\n")) == (1, 1)
        assert ran.err.startswith(f"error: {says}")


def test_a_wrong_option_is_no_verdict(command: Command) -> None:
    """2 would say that something changes."""
    assert command("summary", "--exitcode").status == 1
    assert command("summary", "--help").status == 0


def test_a_summary_is_made_of_the_standard_input(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    class Piped:
        buffer = io.BytesIO((PRINTED / "change.json").read_bytes())

        def isatty(self) -> bool:
            return False

    monkeypatch.setattr("sys.stdin", Piped())
    assert "Unblocks 5, blocks 1" in command("summary").out


def test_a_summary_is_made_of_what_powershell_writes(command: Command, tmp_path: Path) -> None:
    printed = (PRINTED / "change.json").read_text()
    for encoding in ("utf-16", "utf-8-sig"):
        (tmp_path / "run.json").write_text(printed, encoding=encoding)
        assert "Unblocks 5, blocks 1" in command("summary", str(tmp_path / "run.json")).out


def test_an_update_that_was_cut_off_has_failed(command: Command, tmp_path: Path) -> None:
    lines_ = (PRINTED / "up.json").read_text().splitlines()
    (tmp_path / "run.json").write_text("\n".join(lines_[:-3]))
    ran = command("summary", str(tmp_path / "run.json"))
    assert ran.status == 1
    assert "the run did not come to its end" in ran.out


def test_only_the_update_of_an_up_with_its_preview_counts(command: Command, tmp_path: Path) -> None:
    update = (PRINTED / "up.json").read_text()
    (tmp_path / "run.json").write_text((PRINTED / "create-streamed.json").read_text() + update)
    alone = command("summary", "--json", str(PRINTED / "up.json")).out
    assert command("summary", "--json", str(tmp_path / "run.json")).out == alone


def test_an_account_is_told_by_its_configuration(command: Command, tmp_path: Path) -> None:
    step = {
        "op": "create",
        "urn": f"{URN}BlockedContact::ann",
        "newState": {"inputs": {"phone": "+16505551234", "account": "support"}},
    }
    config = {"whatsapp:accounts": json.dumps({"support": {"gateway": "meta", "phoneNumberId": "1234"}})}
    (tmp_path / "run.json").write_text(json.dumps({"config": config, "steps": [step]}))
    assert "**`meta/1234`**\n" in command("summary", str(tmp_path / "run.json")).out
    (tmp_path / "run.json").write_text(json.dumps({"steps": [step]}))
    assert "**`support`**\n" in command("summary", str(tmp_path / "run.json")).out


def test_resources_of_other_packages_are_counted(command: Command, tmp_path: Path) -> None:
    step = {"op": "create", "urn": "urn:pulumi:dev::demo::aws:s3/bucket:Bucket::logs", "newState": {}}
    (tmp_path / "run.json").write_text(json.dumps({"steps": [step]}))
    ran = command("summary", "--exit-code", str(tmp_path / "run.json"))
    assert (ran.status, "Other resources of the stack: 1 create." in ran.out) == (0, True)


def test_the_line_of_the_provider() -> None:
    said = [
        "Blocklist 'a; unblocks b': blocks 1,200: +5511, +5512 and 1,198 more; unblocks 1: …0008",
        "Blocklist 'c': unblocks 2: +1, +2",
        "Blocklist 'd': blocks 1: +1",
        "Blocklist 'e': its contacts are not known yet, so nobody can be named",
    ]
    found = lines(said)
    assert set(found) == {"Blocklist 'a; unblocks b'", "Blocklist 'c'", "Blocklist 'd'"}
    first = found["Blocklist 'a; unblocks b'"]
    assert (first.blocks.count, first.blocks.names, first.blocks.whole) == (1200, ("+5511", "+5512"), False)
    assert (first.unblocks.names, first.unblocks.whole) == (("…0008",), True)
    assert (found["Blocklist 'c'"].blocks.count, found["Blocklist 'c'"].unblocks.names) == (0, ("+1", "+2"))


# Whatever JSON comes, it is a summary or one line. The keys that are read are drawn often, with values of any type.

KEYS = st.sampled_from(
    [
        *("steps", "diagnostics", "config", "changeSummary", "op", "urn", "oldState", "newState", "inputs", "outputs"),
        *("contacts", "phone", "failed", "state", "foreign", "mode", "account", "accountId", "value", "setting", "id"),
        *("exceptions", "message", "severity", "delete", "retainOnDelete", "secret", "baseline", "onDestroy"),
        *("sequence", "preludeEvent", "resourcePreEvent", "resOutputsEvent", "summaryEvent", "metadata", "old", "new"),
        *("diagnosticEvent", "result", "isPreview", "whatsapp:accounts", "whatsapp:gateway", "whatsapp:token"),
    ]
)
WORDS = st.sampled_from(
    [
        *("create", "update", "delete", "replace", "create-replacement", "delete-replaced", "refresh", "same", "read"),
        *(f"{URN}{kind}::x" for kind in ("BlockedContact", "Blocklist", "PrivacySetting")),
        *("[secret]", "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "error", "warning", "info", "exclusive", "zapi", "{}"),
        *("Blocklist 'x': blocks 2: +1, +2; unblocks 99999999999: …1 and 3 more", "\ud800", "+5511987654321", "[[["),
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=8)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | WORDS, inner, max_size=6), max_leaves=40
)
STEP = st.fixed_dictionaries(
    {"op": WORDS, "urn": WORDS}, optional=dict.fromkeys(("oldState", "newState", "old", "new"), JSON)
)
EVENT = st.fixed_dictionaries(
    {"sequence": LEAVES},
    optional={
        **dict.fromkeys(("resourcePreEvent", "resOutputsEvent"), st.fixed_dictionaries({"metadata": STEP | JSON})),
        **dict.fromkeys(("diagnosticEvent", "summaryEvent", "preludeEvent", "resOpFailedEvent"), JSON),
    },
)
PRINTS = st.one_of(
    JSON.map(json.dumps),
    st.fixed_dictionaries(
        {"steps": st.lists(STEP | JSON, max_size=5) | JSON},
        optional=dict.fromkeys(("diagnostics", "config", "changeSummary"), JSON),
    ).map(json.dumps),
    st.lists(EVENT, max_size=6).map(lambda events: "\n".join(map(json.dumps, events))),
    st.text(),
)


def understood(printed: str) -> Summary | None:
    """Return the summary, or None where it was refused with one line."""
    try:
        return compare(read(printed), {})
    except InvalidInput as error:
        refused = str(error)
    assert "\n" not in refused
    return None


@given(PRINTS, st.booleans(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_whatever_comes_is_a_summary_or_one_line(printed: str, as_json: bool, every: bool) -> None:
    summary = understood(printed)
    if summary is None:
        return
    text = written(summary, as_json=as_json, every=every)
    text.encode()
    assert summary.exit_code(detailed=True) in {0, 1, 2, 3}
    if as_json:
        json.loads(text)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_run_that_is_damaged_anywhere_is_a_summary_or_one_line(data: st.DataObject) -> None:
    printed = data.draw(st.sampled_from(RUNS)).read_text()
    at = data.draw(st.integers(0, len(printed)))
    length = data.draw(st.integers(0, 400))
    damaged = printed[:at] + data.draw(st.sampled_from(["", "null", '"', "[]", "{}", "x"])) + printed[at + length :]
    summary = understood(damaged)
    if summary is not None:
        written(summary, as_json=False, every=True)

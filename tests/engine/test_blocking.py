"""Blocking on the real engine, from the first update to the last."""

from __future__ import annotations

from whatsapp_sandbox import Sandbox

from .conftest import MakeProject
from .project import SANDBOX

META = {"gateway": "meta", "phoneNumberId": "106540352242922"}
DIALOG = {"gateway": "360dialog", "phoneNumber": "+16505550000"}

ONE, TWO, THREE, FOUR = "+16505551001", "+16505551002", "+16505551003", "+16505551004"
BRAZIL, BRAZIL_ID = "+5531987654321", "+553187654321"
STRANGER = "+16505559999"
REPLACED = ["create-replacement", "replace", "delete-replaced"]


def test_a_run_says_once_that_nothing_reaches_whatsapp(make_project: MakeProject) -> None:
    stack = make_project(**META)
    stack.program(f"""
        whatsapp.BlockedContact("spammer", phone="{BRAZIL}")
        whatsapp.Blocklist("list", contacts=["{ONE}"])
    """)
    for ran in (stack.preview(), stack.up(), stack.refresh(), stack.destroy()):
        told = ran.output.partition("Diagnostics:")[2]  # a row of the live display says it as well
        assert told.count(f"sandbox/meta/106540352242922 {SANDBOX}") == 1


def test_a_list_and_a_contact_from_up_to_destroy(make_project: MakeProject, sandbox: Sandbox) -> None:
    stack = make_project(**META)
    account = sandbox.account("meta", META["phoneNumberId"])
    account.block(STRANGER)
    stack.program(f"""
        contact = whatsapp.BlockedContact("spammer", phone="{BRAZIL}", reason="spam")
        listed = whatsapp.Blocklist("list", contacts=["{ONE}", "{TWO}", "{THREE}"])
        pulumi.export("wa_id", contact.wa_id)
        pulumi.export("contacts", listed.contacts)
        pulumi.export("failed", listed.failed)
    """)

    done = stack.up()
    assert (done.exit, done.errors, done.said) == (0, [], [])
    assert done.steps == {"spammer": ["create"], "list": ["create"]}
    assert account.blocked() == {BRAZIL_ID, ONE, TWO, THREE, STRANGER}
    assert stack.outputs() == {"wa_id": BRAZIL_ID[1:], "contacts": {ONE: "", TWO: "", THREE: ""}, "failed": {}}
    state = stack.state()
    assert state["spammer"]["id"] == f"sandbox/meta/106540352242922/{BRAZIL_ID[1:]}"
    assert state["list"]["inputs"].keys() == {"__provider", "contacts", "mode"}
    account.clear_requests()

    stack.program(f"""
        whatsapp.BlockedContact("spammer", phone="+55 (31) 98765-4321", reason="spam")
        whatsapp.Blocklist("list", contacts={{"1 650-555-1003": "", "{ONE[1:]}@s.whatsapp.net": "", "{TWO}": ""}})
    """)
    reformatted = stack.preview("--expect-no-changes")
    assert (reformatted.exit, reformatted.steps, reformatted.said) == (0, {}, [])
    assert account.requests() == []

    stack.program(f"""
        whatsapp.BlockedContact("spammer", phone="{BRAZIL}", reason="spam")
        whatsapp.Blocklist("list", contacts=["{FOUR}", "{THREE}", "{TWO}"])
    """)
    edited = stack.preview("--diff")
    assert edited.steps == {"list": REPLACED}
    assert sorted(edited.contact_lines()) == [f"+ {FOUR}", f"- {ONE}"]
    assert edited.said == [f"Blocklist 'list': blocks 1: {FOUR}; unblocks 1: {ONE}"]
    assert account.requests() == []
    assert stack.up().exit == 0
    assert account.blocked() == {BRAZIL_ID, TWO, THREE, FOUR, STRANGER}

    account.unblock(TWO, BRAZIL)
    account.unblock(STRANGER)
    account.block("+16505558888")
    drifted = stack.refresh("--diff")
    assert drifted.exit == 0
    assert drifted.steps == {"spammer": ["delete"], "list": ["update"]}
    learnt = [f"+ {THREE}", f"+ {FOUR}"]  # their ids: no drift, and no change of the next preview
    assert sorted(drifted.contact_lines()) == sorted([f"- {TWO}", *learnt])
    healed = stack.up("--diff")
    assert healed.steps == {"spammer": ["create"], "list": ["update"]}
    assert healed.contact_lines() == [f"+ {TWO}"]
    assert account.blocked() == {BRAZIL_ID, TWO, THREE, FOUR, "+16505558888"}

    gone = stack.destroy()
    assert (gone.exit, gone.errors) == (0, [])
    assert account.blocked() == {"+16505558888"}


def test_nobody_is_unblocked_by_a_rename_or_a_move(make_project: MakeProject, sandbox: Sandbox) -> None:
    stack = make_project(**META)
    account = sandbox.account("meta", META["phoneNumberId"])
    stack.program(f"""
        whatsapp.BlockedContact("old-name", phone="{ONE}")
        whatsapp.Blocklist("first", contacts=["{TWO}", "{THREE}"])
    """)
    assert stack.up().exit == 0

    stack.program(f"""
        whatsapp.BlockedContact("new-name", phone="{ONE}")
        whatsapp.BlockedContact("moved", phone="{THREE}")
        whatsapp.Blocklist("first", contacts=["{TWO}"])
    """)
    moved = stack.up()
    assert moved.exit == 0
    assert moved.steps == {"new-name": ["create"], "moved": ["create"], "first": REPLACED, "old-name": ["delete"]}
    assert account.blocked() == {ONE, TWO, THREE}
    assert all(request.operation != "unblock" for request in account.requests())

    stack.program(f"""
        whatsapp.BlockedContact("new-name", phone="{ONE}")
        whatsapp.BlockedContact("again", phone="1 (650) 555-1001")
    """)
    twice = stack.preview()
    assert twice.exit != 0
    assert any("'new-name'" in error and "'again'" in error and ONE in error for error in twice.errors)


def test_what_fails_is_recorded_told_once_and_tried_again(make_project: MakeProject, sandbox: Sandbox) -> None:
    stack = make_project(**DIALOG)
    account = sandbox.account("360dialog", DIALOG["phoneNumber"])
    account.contact(TWO, messaged_recently=False)
    program = f"""
        listed = whatsapp.Blocklist("list", contacts=["{ONE}", "{TWO}"]{{more}})
        pulumi.export("failed", listed.failed)
    """
    stack.program(program.format(more=""))

    failed = stack.up()
    assert failed.exit == 1
    assert len(failed.errors) == 1, failed.errors
    assert failed.errors[0].count("\n") == 0
    assert f"Blocklist 'list': 1 not as declared: {TWO} refused (" in failed.errors[0]
    assert "131047" in failed.errors[0]
    assert account.blocked() == {ONE}
    recorded = stack.state()["list"]["outputs"]
    assert recorded["contacts"] == {ONE: "", TWO: ""}
    assert recorded["failed"][TWO]["state"] == "refused"

    again = stack.preview()
    assert (again.exit, again.steps) == (0, {"list": ["update"]})
    assert again.said == [f"Blocklist 'list': blocks 1: {TWO}"]

    stack.program(program.format(more=", allow_failures=True"))
    allowed = stack.up()
    assert (allowed.exit, allowed.errors) == (0, [])
    assert any(f"{TWO} refused" in text for text in allowed.said)
    assert stack.outputs()["failed"].keys() == {TWO}
    assert stack.preview("--expect-no-changes").exit == 0

    account.contact(TWO, messaged_recently=True)
    stack.program(program.format(more=""))
    healed = stack.up()
    assert (healed.exit, healed.errors) == (0, [])
    assert account.blocked() == {ONE, TWO}
    assert stack.outputs()["failed"] == {}

    account.fault("outage", times=None)
    stuck = stack.destroy(WHATSAPP_MAX_RETRIES="0")
    assert stuck.exit != 0
    assert account.blocked() == {ONE, TWO}
    account.clear_faults()
    assert stack.destroy().exit == 0
    assert account.blocked() == set()


def test_an_exclusive_list_names_whom_it_would_unblock(make_project: MakeProject, sandbox: Sandbox) -> None:
    stack = make_project(accounts={"support": META})
    account = sandbox.account("meta", META["phoneNumberId"])
    account.block(ONE, TWO, STRANGER)
    program = f"""
        whatsapp.Blocklist("list", contacts=["{ONE}"], mode="exclusive", account="{{account}}")
    """
    stack.program(program.format(account="support"))

    planned = stack.preview()
    assert planned.exit == 0
    assert len(planned.said) == 1
    assert "does not declare 2 contacts" in planned.said[0]
    assert "This update only blocks" in planned.said[0]
    assert TWO in planned.said[0]
    assert STRANGER in planned.said[0]
    assert stack.up().exit == 0
    assert account.blocked() == {ONE, TWO, STRANGER}

    named = stack.preview()
    assert named.steps == {"list": REPLACED}
    assert named.said == [f"Blocklist 'list': unblocks 2: {TWO}, {STRANGER}"]
    assert account.blocked() == {ONE, TWO, STRANGER}
    assert stack.up().exit == 0
    assert account.blocked() == {ONE}

    stack.configure({"sandbox": str(sandbox.path), "accounts": {"helpdesk": META}})
    stack.program(program.format(account="helpdesk"))
    renamed = stack.preview("--expect-no-changes")
    assert (renamed.exit, renamed.steps) == (0, {})

    account.block(STRANGER)
    drifted = stack.refresh("--diff")
    assert drifted.contact_lines() == []
    assert stack.state()["list"]["outputs"]["foreign"] == [STRANGER]
    assert stack.destroy().exit == 0
    assert account.blocked() == {STRANGER}


def test_a_phone_that_is_not_known_yet(make_project: MakeProject, sandbox: Sandbox) -> None:
    stack = make_project(**META)
    account = sandbox.account("meta", META["phoneNumberId"])
    program = """
        from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

        class Numbers(ResourceProvider):
            def create(self, props):
                return CreateResult("numbers", {{"number": props["given"], "note": props["note"]}})
            def diff(self, id_, olds, news):
                return DiffResult(changes=olds["note"] != news["note"] or olds["number"] != news["given"])
            def update(self, id_, olds, news):
                return UpdateResult({{"number": news["given"], "note": news["note"]}})

        class Number(Resource):
            number: pulumi.Output[str]
            def __init__(self, name, given, note):
                super().__init__(Numbers(), name, {{"given": given, "note": note, "number": None}})

        source = Number("source", "{number}", "{note}")
        whatsapp.BlockedContact("contact", phone=source.number)
        whatsapp.Blocklist("list", contacts=[source.number.apply(lambda number: number[:-1] + "5")])
    """
    stack.program(program.format(number=ONE, note="first"))

    planned = stack.preview()
    assert (planned.exit, planned.errors) == (0, [])
    assert planned.steps == {"source": ["create"], "contact": ["create"], "list": ["create"]}
    assert account.requests() == []
    assert stack.up().exit == 0
    assert account.blocked() == {ONE, "+16505551005"}
    account.clear_requests()

    stack.program(program.format(number=ONE, note="second"))
    noted = stack.preview()
    assert noted.steps == {"source": ["update"], "contact": ["update"], "list": ["update"]}
    done = stack.up()
    assert (done.exit, done.steps) == (0, {"source": ["update"]})
    assert account.requests() == []

    stack.program(program.format(number="+16505552001", note="third"))
    moved = stack.up()
    assert (moved.exit, moved.errors) == (0, [])
    assert account.blocked() == {"+16505552001", "+16505552005"}

"""Privacy settings on the real engine."""

from __future__ import annotations

from whatsapp_sandbox import Sandbox

from .conftest import MakeProject

ZAPI = {"gateway": "zapi", "instance": "demo"}
ONE, TWO, THREE = "+16505551001", "+16505551002", "+16505551003"
STRANGER = "+16505559999"


def test_settings_from_up_to_destroy(make_project: MakeProject, sandbox: Sandbox) -> None:
    stack = make_project(**ZAPI)
    account = sandbox.account("zapi", "demo")
    account.set_privacy("about", "contact_blacklist")
    account.add_exceptions("about", STRANGER)
    account.block(STRANGER)
    program = """
        whatsapp.BlockedContact("spammer", phone="+5531987654321")
        whatsapp.PrivacySetting("photo", setting="profile_photo", value="none", baseline="contacts")
        whatsapp.PrivacySetting("online", setting="online", value="match_last_seen", on_destroy="keep")
        whatsapp.PrivacySetting(
            "about", setting="about", value="contact_blacklist", baseline="contact_blacklist", exceptions={exceptions}
        )
    """
    stack.program(program.format(exceptions=[ONE, TWO]))

    done = stack.up()
    assert (done.exit, done.errors, done.said) == (0, [], [])
    assert account.privacy()["profile_photo"] == "none"
    assert account.privacy()["online"] == "match_last_seen"
    assert account.exceptions("about") == {ONE, TWO, STRANGER}
    account.clear_requests()

    stack.program(program.format(exceptions={"1 650 555 1002": "", ONE: ""}))
    assert stack.preview("--expect-no-changes").exit == 0
    assert account.requests() == []

    stack.program(program.format(exceptions=[ONE, THREE]))
    edited = stack.preview("--diff")
    assert edited.steps == {"about": ["update"]}
    assert sorted(edited.contact_lines()) == [f"+ {THREE}", f"- {TWO}"]
    assert stack.up().exit == 0
    assert account.exceptions("about") == {ONE, THREE, STRANGER}

    account.remove_exceptions("about", THREE)
    drifted = stack.refresh("--diff")
    assert drifted.contact_lines() == [f"- {THREE}"]
    healed = stack.up()
    assert healed.steps == {"about": ["update"]}
    assert account.exceptions("about") == {ONE, THREE, STRANGER}

    gone = stack.destroy()
    assert (gone.exit, gone.errors) == (0, [])
    assert account.blocked() == {STRANGER}
    assert account.privacy()["profile_photo"] == "contacts"
    assert account.privacy()["online"] == "match_last_seen"
    assert account.privacy()["about"] == "contact_blacklist"
    assert account.exceptions("about") == {STRANGER}


def test_every_mistake_is_one_clean_line_and_changes_nothing(make_project: MakeProject, sandbox: Sandbox) -> None:
    stack = make_project(**ZAPI)
    account = sandbox.account("zapi", "demo")
    good = f'whatsapp.BlockedContact("good", phone="{ONE}")\n'
    stack.program(good)
    assert stack.up(WHATSAPP_TOKEN="right").exit == 0
    account.clear_requests()

    mistakes = {
        'BlockedContact("bad", phone="call me")': "resource 'bad' has a problem: phone: 'call me' is not a possible",
        'PrivacySetting("bad", setting="call_add", value="all")': "Z-API cannot set call_add; it can set",
        f'BlockedContact("bad", phone="{TWO}", account="x")': "no account 'x' is configured",
    }
    for line, part in mistakes.items():
        stack.program(f"{good}whatsapp.{line}\n")
        refused = stack.preview(WHATSAPP_TOKEN="right")
        assert refused.exit != 0
        assert len(refused.errors) == 1, refused.errors
        assert part in refused.errors[0]
        assert refused.errors[0].count("\n") == 0

    stack.program(f"""
        whatsapp.BlockedContact("good", phone="{ONE}", reason="new")
        whatsapp.BlockedContact("more", phone="{TWO}")
    """)
    wrong = stack.up(WHATSAPP_TOKEN="wrong-token")
    assert wrong.exit != 0
    assert len(wrong.errors) == 1, wrong.errors
    assert "pulumi_whatsapp.Unauthorized: Z-API" in wrong.errors[0]
    assert "check token (WHATSAPP_TOKEN in the environment) and clientToken" in wrong.errors[0]
    assert wrong.errors[0].count("\n") == 0
    assert "wrong-token" not in wrong.output + wrong.log
    assert account.blocked() == {ONE}
    assert "more" not in stack.state()

    assert stack.up(WHATSAPP_TOKEN="right").exit == 0
    assert account.blocked() == {ONE, TWO}

"""The file: shared, lasting, and free of credentials."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from whatsapp_sandbox import NotASandboxError, Sandbox

from .clients import SECRET, MakeClient, make

GATEWAYS = ("zapi", "ryzeapi", "360dialog", "kaleyra", "meta")
WRITER = """
import sys
from whatsapp_sandbox import Sandbox
path, first = sys.argv[1], int(sys.argv[2])
sandbox = Sandbox(path)
sys.stdin.readline()
account = sandbox.account("meta", "1")
for number in range(first, first + 200):
    account.block(f"+1650{number}")
"""


def test_processes_share_one_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, path, str(first)], stdin=subprocess.PIPE)
        for first in (1_000_000, 2_000_000, 3_000_000)
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"go\n")
        writer.stdin.close()
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    sandbox = Sandbox(path)
    assert len(sandbox.account("meta", "1").blocked()) == 600
    sandbox.close()


def test_state_lasts(sandbox: Sandbox, client: MakeClient) -> None:
    client("meta").users("POST", "+16505551234")
    sandbox.account("zapi", "demo").set_privacy("last_seen", "none")
    sandbox.close()
    again = Sandbox(sandbox.path)
    assert [(one.gateway, one.identity) for one in again.accounts()] == [
        ("meta", "106540352242922"),
        ("zapi", "demo"),
    ]
    assert make(again, "meta").account.blocked() == {"+16505551234"}
    assert again.account("zapi", "demo").privacy()["last_seen"] == "none"
    again.close()


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_no_credential_reaches_the_file_or_the_log(sandbox: Sandbox, client: MakeClient, gateway: str) -> None:
    one = client(gateway)
    one.send("GET", params={"token": SECRET, "access_token": SECRET})
    one.send("POST", json={"number": "+16505551234", "block": True, "phone": "1", "action": "block"})
    one.headers = dict.fromkeys(one.headers, SECRET + "-wrong")
    one.send("GET", "/status" if gateway == "zapi" else None)
    requests = one.account.requests()
    assert requests
    assert SECRET not in repr(requests)
    for file in sandbox.path.parent.iterdir():
        assert SECRET.encode() not in file.read_bytes(), file.name
    sandbox.close()
    assert SECRET.encode() not in sandbox.path.read_bytes()


def test_the_log_tells_what_was_asked(client: MakeClient) -> None:
    zapi = client("zapi")
    zapi.send("POST", json={"phone": "16505551234", "action": "block"})
    zapi.send("POST", "/privacy/last-seen", json={"visualizationType": "SOMEBODY"})
    first, second = zapi.account.requests()
    assert (first.method, first.path) == ("POST", "/instances/demo/token/***/contacts/modify-blocked")
    assert (first.operation, first.contacts, first.status) == ("block", 1, 200)
    assert first.json == {"phone": "16505551234", "action": "block"}
    assert (second.operation, second.status) == ("privacy_write", 400)
    zapi.account.clear_requests()
    assert zapi.account.requests() == []


def test_a_foreign_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be taken for one " * 40)
    before = path.read_bytes()
    with pytest.raises(NotASandboxError, match=r"notes\.txt"):
        Sandbox(path)
    assert path.read_bytes() == before


def test_an_unknown_gateway_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="no gateway 'nosuch'"):
        sandbox.account("nosuch", "demo")
    with pytest.raises(ValueError, match="no gateway"):
        sandbox.transport("nosuch", "demo")


def test_by_hand_only_what_the_phone_offers(sandbox: Sandbox) -> None:
    account = sandbox.account("ryzeapi", "demo")
    for setting, value in (("last_seen", "match_last_seen"), ("group_add", "none"), ("nosuch", "all")):
        with pytest.raises(ValueError, match=setting):
            account.set_privacy(setting, value)
    with pytest.raises(ValueError, match="has no exceptions"):
        account.add_exceptions("online", "+16505551234")


def test_a_folder_of_its_own_is_no_news_to_git(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / "there").mkdir()
    Sandbox(tmp_path / "there" / "whatsapp.sqlite").close()
    Sandbox(tmp_path / ".sandbox" / "whatsapp.sqlite").account("zapi", "demo").block("+5511987650001")
    (tmp_path / ".sandbox" / "notes").touch()
    command = ["git", "-C", str(tmp_path), "status", "--porcelain", "--untracked-files=all"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert listed == ["?? .sandbox/notes", "?? there/whatsapp.sqlite"]

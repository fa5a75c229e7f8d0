"""The pytest plugin, as a user's own tests have it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pytest_whatsapp import MakeStack

PROGRAM = """
import pulumi
import pulumi_whatsapp as whatsapp

spammer = whatsapp.BlockedContact("spammer", phone="+55 11 98765-4321")
pulumi.export("wa_id", spammer.wa_id)
"""
ZAPI = {"whatsapp:gateway": "zapi", "whatsapp:instance": "demo"}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "infrastructure"
    folder.mkdir()
    (folder / "__main__.py").write_text(PROGRAM)
    return folder


def test_a_program_goes_through_its_whole_life(program: Path, whatsapp_stack: MakeStack) -> None:
    stack = whatsapp_stack(program, config=ZAPI)
    account = stack.sandbox.account("zapi", "demo")

    assert stack.preview().changes == {"create": 2}
    assert account.blocked() == set()

    up = stack.up()
    assert up.ok
    assert up.outputs["wa_id"] == "5511987654321"
    assert account.blocked() == {"+5511987654321"}
    assert set(stack.preview().changes) == {"same"}

    assert stack.destroy().ok
    assert account.blocked() == set()


def test_a_fault_of_the_gateway_is_an_error_of_the_run(program: Path, whatsapp_stack: MakeStack) -> None:
    stack = whatsapp_stack(program, config=ZAPI)
    stack.sandbox.account("zapi", "demo").fault("unauthorized", times=None)

    up = stack.up()

    assert not up.ok
    assert any("refused the credentials" in error for error in up.errors)
    assert stack.sandbox.account("zapi", "demo").blocked() == set()


def test_what_could_not_be_blocked_fails_the_run_once_everything_else_is_done(
    program: Path, whatsapp_stack: MakeStack
) -> None:
    first, second, third = "+5511987650001", "+5511987650002", "+5511987650003"

    def declare(*contacts: str) -> None:
        (program / "__main__.py").write_text(
            f"import pulumi_whatsapp as whatsapp\nwhatsapp.Blocklist('spam', contacts={list(contacts)!r})\n"
        )

    stack = whatsapp_stack(program, config=ZAPI)
    account = stack.sandbox.account("zapi", "demo")
    declare(first, second)
    assert stack.up().ok
    account.contact(third, on_whatsapp=False)
    declare(second, third)

    up = stack.up()

    assert not up.ok
    said = up.errors[0].strip()
    assert said.startswith(f"Blocklist 'spam': 1 not as declared: {third} refused (")
    assert "\n" not in said
    assert account.blocked() == {second}

    account.contact(third, on_whatsapp=True)
    assert stack.up().ok
    assert account.blocked() == {second, third}


def _pytest(folder: Path, test: str) -> tuple[int, str]:
    """Run a user's tests in a process of their own."""
    (folder / "test_users_own.py").write_text(test)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_users_own.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_failed_assertion_says_why(program: Path) -> None:
    (program / "__main__.py").write_text(PROGRAM.replace("98765-4321", "9"))
    code, output = _pytest(
        program.parent,
        f"def test_it(whatsapp_stack):\n    assert whatsapp_stack('infrastructure', config={ZAPI!r}).up().ok\n",
    )
    assert code == 1
    assert "where False = <update failed, 1 create; error in spammer: " in output
    captured = output.partition("Captured stderr call")[2]
    assert "'spammer' has a problem: phone: '+55 11 9' is not a possible phone number: it is too short" in captured


def test_the_example_of_the_page(program: Path) -> None:
    (program / "__main__.py").write_text(
        'import pulumi_whatsapp as whatsapp\n\nwhatsapp.Blocklist("chargebacks", contacts=["+5511987650001"])\n'
    )
    (program / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "demo", "runtime": "python"}))
    page = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```python\n(def test_.*?)```", page, re.DOTALL)
    assert _pytest(program.parent, example)[0] == 0


def test_a_folder_that_does_not_exist_is_refused_at_once(program: Path) -> None:
    code, output = _pytest(program.parent, "def test_it(whatsapp_stack):\n    whatsapp_stack('infrastructur')\n")
    [error] = [line for line in output.splitlines() if line.startswith("E ")]
    assert code == 1
    assert f"there is no folder {program.parent / 'infrastructur'}" in error
    assert "testing.py" not in output


def test_ctrl_c_ends_the_session_and_keeps_what_was_done(program: Path) -> None:
    interrupting = "\nimport os, signal\nspammer.wa_id.apply(lambda _: os.kill(os.getppid(), signal.SIGINT))"
    (program / "__main__.py").write_text(PROGRAM + interrupting)
    code, output = _pytest(
        program.parent,
        # for a job in the background, which is started with SIGINT ignored
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"def test_it(whatsapp_stack):\n    whatsapp_stack('infrastructure', config={ZAPI!r}).up()\n"
        "def test_the_next():\n    print('the session went on')\n",
    )
    assert code == pytest.ExitCode.INTERRUPTED
    assert "KeyboardInterrupt" in output
    assert "passed" not in output


def test_the_configuration_of_whoever_runs_the_tests_stays_out(
    program: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("WHATSAPP_INSTANCE", "production")

    stack = request.getfixturevalue("whatsapp_stack")(program, config=ZAPI)

    assert stack.up().ok


def test_the_project_s_own_configuration_is_used(whatsapp_stack: MakeStack) -> None:
    root = Path(__file__).parents[2]
    stack = whatsapp_stack(root / "programs" / "exclusive_list")

    assert stack.up().ok
    assert [account for account in stack.sandbox.accounts() if account.blocked()]

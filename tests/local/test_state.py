"""The state moves to the CLI and back, and secrets are readable by both."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_local_engine import Engine, EngineError, Unsupported
from pulumi_local_engine.config import Config, Project
from pulumi_local_engine.encryption import Encryption
from pulumi_local_engine.state import StateFile
from pulumi_local_engine.values import secret

from .conftest import ThingsProject
from .runners import PASSPHRASE, normalised

_PROGRAM = """
g = Group("g")
a = SecretThing("a", Opts(parent=g), value=pulumi.Output.secret({"k": [1, "x"]}))
b = Thing("b", Opts(protect=True, ignore_changes=["text"]), value=a.value, text="t")
pulumi.export("hidden", a.value)
pulumi.export("count", 2)
"""
_FIRST = Path(__file__).with_name("recorded_states") / "first.json"
# made by the CLI with the passphrase "pw"
_CLI_SALT = "v1:dInKBV+EMsk=:v1:hSd+ADby//5mTK3J:vjGTqHh94TFJndPn8BfXfT/uHCYk7g=="


def test_what_one_key_encrypts_another_of_the_same_salt_decrypts() -> None:
    first = Encryption("pw", _CLI_SALT)
    sealed = first.encrypt("naïve")
    assert sealed == first.encrypt("naïve")
    assert Encryption("pw", first.salt).decrypt(sealed) == "naïve"
    fresh = Encryption("pw")
    assert Encryption("pw", fresh.salt).decrypt(fresh.encrypt("x")) == "x"


def test_threads_that_need_the_first_key_at_once_get_one_key() -> None:
    fresh = Encryption("pw")
    with ThreadPoolExecutor(4) as pool:
        sealed = list(pool.map(fresh.encrypt, "abcd"))
    again = Encryption("pw", fresh.salt)
    assert [again.decrypt(item) for item in sealed] == list("abcd")


@pytest.mark.parametrize(
    ("passphrase", "message"), [("wrong", "incorrect passphrase"), (None, "passphrase must be set")]
)
def test_a_wrong_or_missing_passphrase_is_named(passphrase: str | None, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        Encryption(passphrase, _CLI_SALT).decrypt("v1:AAAA:AAAA")


def test_secrets_are_encrypted_on_disk_and_open_with_the_passphrase_only(
    project: ThingsProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(_PROGRAM.replace("[1, ", '["hush-hush", '))
    assert project.engine.up().ok
    assert "hush-hush" not in project.state_file.read_text()
    assert "hush-hush" in project.engine.export(show_secrets=True)
    assert project.state_file.stat().st_mode & 0o077 == 0
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    with pytest.raises(EngineError, match="passphrase must be set"):
        Engine(project.folder).preview()


def live(project: ThingsProject) -> dict[str, Any]:
    """The things there are."""
    world = project.folder / "world" / "world.json"
    return dict(json.loads(world.read_text())) if world.exists() else {}


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize(
    "program",
    [
        'Thing("plain")\nfor n in "abc": Thing(n, value=pulumi.Output.secret("x"))',
        'Thing("plain")\npulumi.export("hidden", pulumi.Output.secret("x"))',
    ],
    ids=["inputs", "stack-output"],
)
def test_without_the_passphrase_nothing_is_done_that_could_not_be_saved(
    project: ThingsProject, monkeypatch: pytest.MonkeyPatch, program: str, preview: bool
) -> None:
    project.write(program)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    engine = Engine(project.folder, "prod")
    result = engine.preview() if preview else engine.up()
    assert result.exit_code == 1
    [error] = result.errors
    assert error.startswith("passphrase must be set with PULUMI_CONFIG_PASSPHRASE or ")
    assert error.endswith("the stack 'prod' has secrets")
    if not preview:
        created = [thing["label"] for thing in live(project).values()]
        resources = json.loads(engine.export())["deployment"]["resources"]
        assert created == [name for entry in resources if (name := entry["urn"].split("::")[-1]) == "plain"]
        assert "pending_operations" not in json.loads(engine.export())["deployment"]


def test_without_the_passphrase_what_turns_out_to_be_secret_stays_a_pending_operation(
    project: ThingsProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(
        'a = Thing("kept", Opts(additional_secret_outputs=["nothing"]))\n'
        'b = Thing("hidden", Opts(depends_on=[a], additional_secret_outputs=["serial"]))\n'
        'Thing("never", Opts(depends_on=[b]))'
    )
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    [error] = Engine(project.folder).up().errors
    assert error.startswith("passphrase must be set with PULUMI_CONFIG_PASSPHRASE or ")
    assert list(live(project)) == ["kept-1", "hidden-1"]
    assert project.names() == ["kept"]
    [pending] = project.state()["pending_operations"]
    assert (pending["type"], pending["resource"]["urn"].split("::")[-1]) == ("creating", "hidden")
    assert project.engine.up().ok
    assert project.names() == ["hidden", "kept", "never"]


def test_an_effect_that_cannot_be_recorded_stays_a_pending_operation(
    project: ThingsProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = StateFile.write

    def full_when_created(file: StateFile, text: str) -> None:
        if '"id": "lost-1"' in text:
            raise EngineError("no space left on device")
        write(file, text)

    monkeypatch.setattr(StateFile, "write", full_when_created)
    project.write('a = Thing("kept")\nThing("lost", Opts(depends_on=[a]))')
    assert "no space left on device" in project.engine.up().errors
    assert project.names() == ["kept"]
    [pending] = project.state()["pending_operations"]
    assert (pending["type"], pending["resource"]["urn"].split("::")[-1]) == ("creating", "lost")


def test_a_plaintext_export_is_taken_over_and_encrypted(project: ThingsProject) -> None:
    project.write(_PROGRAM)
    assert project.engine.up().ok
    project.state_file.write_text(project.engine.export(show_secrets=True))
    result = project.engine.up()
    assert {step.op for step in result.steps} == {"same"}
    assert "plaintext" not in project.state_file.read_text()


def test_unknown_keys_of_the_state_stay_until_the_program_registers_the_resource_again(project: ThingsProject) -> None:
    project.write('Thing("a")\nThing("b")')
    assert project.engine.up().ok
    content = json.loads(project.state_file.read_text())
    content["deployment"]["metadata"] = {"integrity_error": None}
    for entry in content["deployment"]["resources"]:
        entry["somethingNew"] = {"x": 1}
    project.state_file.write_text(json.dumps(content))
    assert project.engine.refresh().ok
    assert all(entry["somethingNew"] == {"x": 1} for entry in project.state()["resources"])
    project.write('Thing("a")\nraise ValueError("half way")')
    assert not project.engine.up().ok
    assert [entry["id"] for entry in project.state()["resources"] if entry.get("somethingNew")][1:] == ["b-1"]
    assert project.state()["metadata"] == {"integrity_error": None}


def test_a_state_that_an_earlier_engine_wrote_is_read(project: ThingsProject) -> None:
    """It knew ``replace_on_changes`` and timeouts, which go with the next update."""
    project.write(
        """
        g = Group("g")
        a = SecretThing("a", Opts(parent=g), value=pulumi.Output.secret("hush"))
        b = Thing("b", Opts(protect=True, ignore_changes=["text"], depends_on=[a]), text="ignored")
        pulumi.export("hidden", a.value)
        """
    )
    project.state_file.parent.mkdir()
    shutil.copy(_FIRST, project.state_file)
    live = {"a-1": {"label": "a", "serial": 1, "value": "hush"}, "b-1": {"label": "b", "serial": 1, "text": "t"}}
    (project.folder / "world" / "world.json").write_text(json.dumps(live))
    before = normalised(json.loads(project.engine.export(show_secrets=True)))
    [thing] = [entry for entry in before["resources"] if entry["urn"].endswith("::b")]
    assert (thing.pop("customTimeouts"), thing.pop("replaceOnChanges")) == ({"create": 5400}, ["kind"])
    assert project.engine.preview().changes == {"same": 4}
    result = project.engine.up()
    assert result.changes == {"same": 4}
    assert result.outputs == {"hidden": secret("hush")}
    assert normalised(json.loads(project.engine.export(show_secrets=True))) == before
    assert not project.engine.destroy().ok
    assert project.names() == ["a", "b"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content.update(version=2), "state of version 2"),
        (lambda content: content["deployment"]["manifest"].update(magic="x"), "magic"),
        (lambda content: content["deployment"].update(secrets_providers={"type": "cloud"}), "encrypted by 'cloud'"),
        (lambda content: content["deployment"]["resources"][0].update(external=True), "Resource.get"),
        (
            lambda content: content["deployment"]["resources"][0].update(pendingReplacement=True),
            "deleted before their replacement",
        ),
        (lambda content: content["deployment"]["resources"][0].update(initErrors=["no"]), "made in part"),
        (lambda content: content["deployment"]["resources"][0].update(deletedWith="urn"), "`deleted_with`"),
    ],
)
def test_other_states_are_refused(project: ThingsProject, change: object, message: str) -> None:
    project.write('Thing("a")')
    assert project.engine.up().ok
    content = json.loads(project.state_file.read_text())
    assert callable(change)
    change(content)
    project.state_file.write_text(json.dumps(content))
    with pytest.raises(EngineError, match=message):
        project.engine.up()


def test_every_resource_comes_after_what_it_needs(project: ThingsProject) -> None:
    names = [f"t{number}" for number in range(12)]
    lines = [
        f'{name} = Thing("{name}", value=[{", ".join(f"{n}.serial" for n in names[: number // 2])}])'
        for number, name in enumerate(names)
    ]
    project.write("\n".join(lines))
    assert project.engine.up().ok
    seen: set[str] = set()
    for entry in project.state()["resources"]:
        needs = [
            *entry.get("dependencies", ()),
            *filter(None, [entry.get("parent"), entry.get("provider", "").rpartition("::")[0]]),
        ]
        assert seen.issuperset(needs)
        seen.add(entry["urn"])


def test_configuration_is_read_as_the_cli_reads_it(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text(
        yaml.safe_dump(
            {
                "name": "demo",
                "runtime": {"name": "python"},
                "config": {
                    "plain": 5,
                    "with": {"value": True},
                    "typed": {"type": "string", "default": "d"},
                    "over": "p",
                },
            }
        )
    )
    sealed = Encryption("pw", _CLI_SALT)
    (tmp_path / "Pulumi.dev.yaml").write_text(
        f"encryptionsalt: {_CLI_SALT}\nconfig:\n  over: s\n  other:config:old: x\n  whatsapp:flag: on\n"
        "  demo:date: 2024-01-02\n"
        f"  whatsapp:token:\n    secure: {sealed.encrypt('t')}\n"
        f"  whatsapp:accounts:\n    b: {{z: 1, a: <&>}}\n    a:\n      token:\n        secure: {sealed.encrypt('u')}\n"
    )
    config = Config.load(Project.load(tmp_path), "dev", "pw")
    assert config.values == {
        "demo:over": "s",
        "other:old": "x",
        "whatsapp:flag": "on",
        "demo:date": "2024-01-02",
        "whatsapp:token": "t",
        "whatsapp:accounts": '{"a":{"token":"u"},"b":{"a":"\\u003c\\u0026\\u003e","z":1}}',
        "demo:plain": "5",
        "demo:with": "true",
        "demo:typed": "d",
    }
    assert config.secret_keys == {"whatsapp:token", "whatsapp:accounts"}


@pytest.mark.parametrize(
    ("project", "stack", "message"),
    [
        ("name: demo\nruntime: nodejs", "", "runtime 'nodejs'"),
        ("runtime: python", "", "missing a 'name'"),
        ("name: [\nx: {", "", r"cannot be read: [^\n]+$"),
        (
            "name: demo\nruntime: python\nconfig:\n  needed:\n    type: string",
            "",
            "missing configuration value.*'needed'",
        ),
        ("name: demo\nruntime: python", "environment: [prod]", "Pulumi ESC"),
        ("name: demo\nruntime: python", "secretsprovider: awskms://x", "secrets providers"),
    ],
)
def test_unusable_projects_are_refused(tmp_path: Path, project: str, stack: str, message: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text(project)
    (tmp_path / "Pulumi.dev.yaml").write_text(stack)
    with pytest.raises((EngineError, Unsupported), match=message):
        Engine(tmp_path).preview()


@pytest.mark.engine
@pytest.mark.skipif(
    not shutil.which("pulumi"), reason="the Pulumi CLI is not on PATH: states are not exchanged with it"
)
def test_the_cli_takes_over_the_state_and_gives_it_back(project: ThingsProject) -> None:
    backend = project.folder / "backend"
    backend.mkdir()
    environment = {
        **os.environ,
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_HOME": str(project.folder / "home"),
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }

    def pulumi(*arguments: str) -> str:
        output = project.folder / "output"
        with output.open("w") as file:
            subprocess.run(
                ["pulumi", *arguments, "--non-interactive"],
                cwd=project.folder,
                env=environment,
                stdout=file,
                check=True,
            )
        return output.read_text()

    project.write(_PROGRAM)
    assert project.engine.up().ok
    pulumi("stack", "init", "dev")
    for text in (project.engine.export(), project.engine.export(show_secrets=True)):
        (project.folder / "export.json").write_text(text)
        pulumi("stack", "import", "--file", "export.json")
        pulumi("preview", "--expect-no-changes")
    project.write(_PROGRAM.replace('text="t"', 'text="t", more=1'))
    pulumi("up", "--yes", "--skip-preview")
    for flags in ((), ("--show-secrets",)):
        project.state_file.write_text(pulumi("stack", "export", *flags))
        result = project.engine.preview()
        assert result.changes == {"same": 4}

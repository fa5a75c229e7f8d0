"""Programs and edits that both engines are put through."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import Any

_HEAD = """
import pulumi
from pulumi import Alias, ResourceOptions as Opts
from things import BareThing, SecretThing, Thing, live

class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None, **props):
        super().__init__("demo:index:Group", name, props, opts)

def at_the_end(say):
    from pulumi.runtime.settings import get_monitor

    monitor = get_monitor()
    wait = monitor.SignalAndWaitForShutdown

    def waited(request):
        wait(request)
        raise pulumi.RunError(f"{say}, and live is {live()}")

    monitor.SignalAndWaitForShutdown = waited

"""


@dataclass
class Turn:
    """One command; before it, the program, the faults, the configuration or the live world may change."""

    command: str
    program: str | None = None
    faults: dict[str, str] = field(default_factory=dict)
    world: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    config: dict[str, Any] | None = None
    flags: tuple[str, ...] = ()

    @property
    def source(self) -> str | None:
        """The program's text."""
        return None if self.program is None else _HEAD + textwrap.dedent(self.program)


@dataclass
class Scenario:
    """A sequence of turns; ``ordered`` compares the order of the provider's writes, where nothing runs in parallel."""

    name: str
    turns: list[Turn]
    ordered: bool = False
    slow: bool = False


def _up(program: str | None = None, **more: Any) -> Turn:
    return Turn("up", program, **more)


def _preview(program: str | None = None, **more: Any) -> Turn:
    return Turn("preview", program, **more)


_REFRESH = Turn("refresh")
_DESTROY = Turn("destroy")

SCENARIOS = [
    Scenario(
        "create-update-delete",
        [
            _preview("""
                a = Thing("a", value=1)
                b = Thing("b", value=a.serial, text="x")
                pulumi.export("v", b.value)
                """),
            _up(),
            _up(),
            _preview('a = Thing("a", value=2)\nb = Thing("b", value=a.serial, text="x")'),
            _up(),
            _up('a = Thing("a", value=2)'),
            _DESTROY,
        ],
        ordered=True,
        slow=True,
    ),
    Scenario(
        "component-tree",
        [
            _up(
                """
                g = Group("g", size=1)
                h = Group("h", Opts(parent=g))
                a = Thing("a", Opts(parent=h), value=1)
                b = Thing("b", Opts(parent=a), value=a.value)
                h.register_outputs({"a": a.value, "b": b.serial})
                pulumi.export("h", h)
                """
            ),
            _up(
                """
                g = Group("g", size=2)
                h = Group("h", Opts(parent=g))
                a = Thing("a", Opts(parent=h), value=2)
                h.register_outputs({"a": a.value})
                """
            ),
            _REFRESH,
            _DESTROY,
        ],
    ),
    Scenario(
        "replace-create-first",
        [
            _up("""
                a = Thing("a", kind="x", value=1)
                b = Thing("b", value=a.serial)
                Thing("c", Opts(depends_on=[b]))
                """),
            _preview(
                'a = Thing("a", kind="y", value=1)\nb = Thing("b", value=a.serial)\nThing("c", Opts(depends_on=[b]))'
            ),
            _up(),
            _up(),
        ],
        ordered=True,
    ),
    Scenario(
        "create-fails",
        [
            _up(
                'a = Thing("a", value=1)\nb = Thing("b", value=a.serial)\nc = Thing("c", value=b.serial)',
                faults={"create b": "boom"},
            ),
            _preview(),
            _up(),
        ],
        ordered=True,
    ),
    Scenario(
        "update-fails",
        [
            _up("""
                a = Thing("a", value=1)
                b = Thing("b", value=a.value)
                old = Thing("old")
                pulumi.export("one", 1)
                """),
            _up(
                'a = Thing("a", value=2)\nb = Thing("b", value=a.value)\npulumi.export("two", 2)',
                faults={"update a": "boom"},
            ),
            _up(),
        ],
    ),
    Scenario(
        "delete-fails-then-retry",
        [
            _up('a = Thing("a")\nb = Thing("b", value=a.serial)\nc = Thing("c", value=b.serial)'),
            _up('a = Thing("a")', faults={"delete b": "boom"}),
            _up('a = Thing("a")'),
            Turn("destroy", faults={"delete a": "boom"}),
            _DESTROY,
        ],
        ordered=True,
    ),
    Scenario(
        "replace-fails-at-create",
        [
            _up('a = Thing("a", kind="x")\nb = Thing("b", Opts(depends_on=[a]), kind="x")'),
            _up(
                """
                    a = Thing("a", kind="y")
                    b = Thing("b", Opts(depends_on=[a]), kind="x")
                    """,
                faults={"create a": "boom"},
            ),
            _up(
                """
                    a = Thing("a", kind="x")
                    b = Thing("b", Opts(depends_on=[a]), kind="y")
                    """,
                faults={"create b": "boom"},
            ),
            _preview(),
            _up(),
        ],
        ordered=True,
        slow=True,
    ),
    Scenario(
        "replaced-delete-fails",
        [
            _up('a = Thing("a", kind="x")'),
            _up('a = Thing("a", kind="y")', faults={"delete a": "boom"}),
            _preview('a = Thing("a", kind="y")'),
            _up('a = Thing("a", kind="z")'),
            _DESTROY,
        ],
        slow=True,
    ),
    Scenario(
        "check-fails",
        [
            _preview('a = Thing("a", value="bad")'),
            _up('a = Thing("a", value="bad")'),
            _up('a = Thing("a", value="good")'),
            _up('a = Thing("a", value="bad")'),
        ],
    ),
    Scenario(
        "program-error",
        [
            _up('a = Thing("a")\npulumi.export("a", a.serial)\nraise ValueError("no")'),
            _preview(),
            _up('a = Thing("a", value=2)\nraise pulumi.RunError("stop here")'),
            _up(
                """
                    a = Thing("a", value=2)
                    def f(v):
                        raise pulumi.RunError("late")
                    a.serial.apply(f)
                    b = Thing("b")
                    """
            ),
            _up('import sys\nb = Thing("b")\nsys.exit(3)'),
            _up("import nothing_of_that_name"),
        ],
        slow=True,
    ),
    Scenario(
        "program-fails-at-its-end",
        [
            _up('Thing("a", kind="x")\nThing("b")\nat_the_end("made")'),
            _preview('Thing("a", kind="y")\npulumi.export("n", 1)\nat_the_end("seen")'),
            _up('Thing("a", kind="y")\npulumi.export("n", 1)\nat_the_end("replaced")'),
            _up('Thing("a", kind="y")'),
        ],
    ),
    Scenario(
        "drift",
        [
            _up(
                """
                    a = Thing("a", value={"x": 1, "y": 2})
                    b = Thing("b", value=a.serial)
                    c = Thing("c", Opts(depends_on=[b]))
                    """
            ),
            Turn("refresh", world={"a-1": {"value": {"x": 1, "z": 3}}, "b-1": None}),
            _preview(),
            _up(),
            Turn("preview", world={"c-1": None}, flags=("--refresh",)),
            Turn("up", flags=("--refresh",)),
            Turn("destroy", world={"a-1": None}, flags=("--refresh",)),
        ],
        slow=True,
    ),
    Scenario(
        "refresh-fails",
        [
            _up('a = Thing("a", value=1)\nb = Thing("b", value=2)'),
            Turn("refresh", world={"b-1": {"value": 3}}, faults={"read a": "boom"}),
            Turn("up", world={"b-1": {"value": 4}}, faults={"read a": "boom"}, flags=("--refresh",)),
        ],
        slow=True,
    ),
    Scenario(
        "rename",
        [
            _up('a = Thing("a", label="l", value=1)\nThing("z", value=a.serial)'),
            _preview('b = Thing("b", label="l", value=1)\nThing("z", value=b.serial)'),
            _up(),
        ],
    ),
    Scenario(
        "aliases",
        [
            _up('a = Thing("a", label="l")\nThing("d", value=a.serial)'),
            _preview('b = Thing("b", Opts(aliases=[Alias(name="a")]), label="l")\nThing("d", value=b.serial)'),
            _up(),
            _up(
                """
                    g = Group("g")
                    b = Thing("b", Opts(parent=g, aliases=[Alias(parent=None)]), label="l", value=2)
                    Thing("d", value=b.serial)
                    """
            ),
            _up("""
                g = Group("h", Opts(aliases=[Alias(name="g")]))
                b = Thing("b", Opts(parent=g), label="l", value=2)
                """),
            _up('g = Group("h")\nb = Thing("b", Opts(parent=g), label="l", value=2)'),
        ],
        slow=True,
    ),
    Scenario(
        "alias-with-replacement",
        [
            _up('a = Thing("a", label="l", kind="x")'),
            _up('b = Thing("b", Opts(aliases=[Alias(name="a")]), label="l", kind="y")'),
            _up(),
        ],
        ordered=True,
        slow=True,
    ),
    Scenario(
        "inherited-alias",
        [
            _up('g = Group("old")\nThing("old-one", Opts(parent=g), label="l")\nThing("two", Opts(parent=g))'),
            _preview(
                """
                    g = Group("new", Opts(aliases=[Alias(name="old")]))
                    Thing("new-one", Opts(parent=g), label="l")
                    Thing("two", Opts(parent=g))
                    """
            ),
            _up(),
        ],
        slow=True,
    ),
    Scenario(
        "protect",
        [
            _up(
                """
                    a = Thing("a", Opts(protect=True), kind="x")
                    b = Thing("b", Opts(protect=True))
                    c = Thing("c", value=b.serial)
                    """
            ),
            _preview('a = Thing("a", Opts(protect=True), kind="y")'),
            _up('a = Thing("a", Opts(protect=True), kind="y")'),
            _up('a = Thing("a", Opts(protect=True), kind="x")'),
            _DESTROY,
            _up('a = Thing("a", kind="y")\nb = Thing("b")'),
            _DESTROY,
        ],
        slow=True,
    ),
    Scenario(
        "protected-component",
        [
            _up(
                """
                    g = Group("g", Opts(protect=True))
                    Thing("a", Opts(parent=g))
                    Thing("b", Opts(parent=g, protect=False))
                    """
            ),
            _DESTROY,
        ],
    ),
    Scenario(
        "retain-on-delete",
        [
            _up(
                """
                    a = Thing("a", Opts(retain_on_delete=True), kind="x")
                    g = Group("g", Opts(retain_on_delete=True))
                    Thing("b", Opts(parent=g))
                    """
            ),
            _up('a = Thing("a", Opts(retain_on_delete=True), kind="y")'),
            _DESTROY,
        ],
    ),
    Scenario(
        "ignore-changes",
        [
            _up('Thing("a", value={"x": 1, "y": [1, 2]}, text="t")'),
            _preview('Thing("a", Opts(ignore_changes=["value"]), value={"x": 2, "y": [3, 4]}, text="u")'),
            _up('Thing("a", Opts(ignore_changes=["value", "text"]), value={"z": 3}, text="u", other=1)'),
            _up('Thing("a", Opts(ignore_changes=["value", "text"]), value={"z": 3})'),
            _up('Thing("a", Opts(ignore_changes=["*"]), value=7)'),
        ],
        slow=True,
    ),
    Scenario(
        "own-comparison",
        [
            _up('BareThing("a", value={"x": 1})\nBareThing("b", Opts(ignore_changes=["value"]), value=1)'),
            _preview('BareThing("a", value={"x": 2})\nBareThing("b", Opts(ignore_changes=["value"]), value=2)'),
            _up(),
            _up(),
        ],
        slow=True,
    ),
    Scenario(
        "options-only",
        [
            _up('a = Thing("a")\nb = Thing("b")'),
            _up('a = Thing("a")\nb = Thing("b", Opts(depends_on=[a]))'),
            _up('a = Thing("a", Opts(retain_on_delete=True))\nb = Thing("b", Opts(protect=True))'),
        ],
    ),
    Scenario(
        "secrets",
        [
            _up(
                """
                a = SecretThing("a", value=pulumi.Output.secret("hush"))
                deep = pulumi.Output.secret(1)
                b = Thing("b", Opts(additional_secret_outputs=["serial"]), value={"deep": deep, "open": 2})
                pulumi.export("hidden", a.value)
                pulumi.export("own", pulumi.Output.secret({"k": [1]}))
                """
            ),
            _preview(),
            _up(
                """
                a = SecretThing("a", value=pulumi.Output.secret("hush2"))
                b = Thing("b", Opts(additional_secret_outputs=["serial"]), value={"deep": 1, "open": 2})
                """
            ),
            _REFRESH,
        ],
    ),
    Scenario(
        "configuration",
        [
            _up(
                """
                    c = pulumi.Config()
                    Thing("a", value=[c.require("n"), c.require_object("o"), c.get("flag"), c.get("list")])
                    """,
                config={
                    "n": 5,
                    "demo:o": {"z": "<&>", "a": [1, True]},
                    "flag": True,
                    "list": ["x", 2.5],
                    "things:greeting": "hi",
                },
            ),
            _up(config={"n": 6, "demo:o": {}, "things:greeting": "ho"}),
            _DESTROY,
        ],
        slow=True,
    ),
    Scenario(
        "outputs",
        [
            _up(
                """
                    a = Thing("a", value=1)
                    pulumi.export("one", 1)
                    pulumi.export("thing", a)
                    pulumi.export("none", None)
                    """
            ),
            _up('a = Thing("a", value=1)\npulumi.export("one", 2)\npulumi.export("list", [a.serial, {"k": a.id}])'),
            _up('a = Thing("a", value=1)'),
        ],
        slow=True,
    ),
    Scenario("empty", [_preview(""), _up(""), _up(""), _REFRESH, _DESTROY, _DESTROY], slow=True),
    Scenario(
        "duplicates",
        [
            _preview('a = Thing("a")\nThing("a", Opts(depends_on=[a]))'),
            _up('Thing("a")\nThing("b")'),
            _up('Thing("b", Opts(aliases=[Alias(name="a")]))'),
        ],
        slow=True,
    ),
    Scenario(
        "provider-raises",
        [
            _preview('a = Thing("a")', faults={"check a": "boom"}),
            _up(faults={"check a": "boom"}),
            _up('a = Thing("a", value=2)'),
            _preview('a = Thing("a", value=3)', faults={"diff a": "boom"}),
            _up(faults={"diff a": "boom"}),
            _up('a = Thing("a", value=4)\npulumi.log.error("only a word")'),
        ],
        slow=True,
    ),
    Scenario(
        "provider-dies",
        [
            _up('a = Thing("a")\nb = Thing("b", value=a.serial)', faults={"create b": "die"}),
            _up(),
        ],
        ordered=True,
    ),
    Scenario(
        "unknown-inputs",
        [
            _preview(
                'a = Thing("a", value=1)\nThing("b", value=[a.serial, "x"], kind=a.serial)\nThing("c", value=a.id)'
            ),
            _up(),
            _preview(
                """
                    a = Thing("a", kind="new", value=1)
                    Thing("b", value=[a.serial, "x"], kind=a.serial)
                    Thing("c", value=a.id)
                    """
            ),
            _up(),
        ],
    ),
    Scenario(
        "reference-inputs",
        [
            _up('a = Thing("a", value=1)\ng = Group("g")\nThing("b", value={"thing": a, "group": g})'),
            _up('a = Thing("a", value=1)\ng = Group("g")\nThing("b", value={"thing": a, "group": g}, more=None)'),
        ],
        slow=True,
    ),
    Scenario(
        "component-becomes-resource",
        [
            _up('Group("g")\nThing("a", Opts(parent=pulumi.ROOT_STACK_RESOURCE))'),
            _up('Thing("a", value=2)'),
        ],
        slow=True,
    ),
    Scenario(
        "whatsapp",
        [
            _preview(
                """
                import pulumi_whatsapp as whatsapp
                whatsapp.BlockedContact("spammer", phone="+55 11 98765-4321", reason="spam")
                whatsapp.Blocklist("list", contacts={"+5511987650001": "one", "+5511987650002": ""})
                whatsapp.PrivacySetting("seen", setting="last_seen", value="none", baseline="all")
                """,
                config={"whatsapp:gateway": "ryzeapi", "whatsapp:instance": "demo", "whatsapp:sandbox": "world.sqlite"},
            ),
            _up(),
            _up(),
            _preview(
                """
                import pulumi_whatsapp as whatsapp
                whatsapp.BlockedContact("renamed", phone="+5511987654321", reason="spam")
                whatsapp.Blocklist("list", contacts={"+5511987650002": "", "+5511987650003": "three"})
                whatsapp.PrivacySetting("seen", setting="last_seen", value="contacts", baseline="all")
                """
            ),
            _up(),
            _REFRESH,
            _DESTROY,
        ],
        slow=True,
    ),
]

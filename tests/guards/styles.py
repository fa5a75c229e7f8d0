"""Styles in which one program can be written: each declares the same, and goes another way about it.

A program has two parts, of which the second comes after what the first declares. In both, ``options`` stands for
`pulumi.ResourceOptions`, and ``l`` is the resource of the first part, if it has one.
"""

from __future__ import annotations

from textwrap import indent

_PLAIN = """
def options(**more):
    return pulumi.ResourceOptions(**more)
"""
_NOTHING = "pulumi.Output.from_input(None)"


def plain(first: str, then: str) -> str:
    """One statement after the other."""
    return f"{_PLAIN}\n{first}\n{then}\n"


def component(first: str, then: str) -> str:
    """Everything in a component."""
    return f"""
class Everything(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("demo:index:Everything", "everything")
        def options(**more):
            return pulumi.ResourceOptions(parent=self, **more)
{indent(first, " " * 8)}
{indent(then, " " * 8)}
        self.register_outputs({{}})

Everything()
"""


def applied(first: str, then: str) -> str:
    """Both parts inside `apply`, the second one in that of the first part's resource."""
    return f"""{_PLAIN}
def declare(_):
{indent(first, " " * 4)}
    def go_on(_):
{indent(then or "pass", " " * 8)}
    {_done(first)}.apply(go_on)

pulumi.Output.from_input(None).apply(declare)
"""


def awaited(first: str, then: str) -> str:
    """An ``async`` main that awaits what the first part gives, and then some turns of the event loop."""
    return f"""{_PLAIN}
import asyncio

async def main():
{indent(first, " " * 4)}
    await {_done(first)}.future()
    for _ in range(100):
        await asyncio.sleep(0)
{indent(then, " " * 4)}

pulumi.run(main)
"""


def pumped(first: str, then: str) -> str:
    """A synchronous wait that runs the event loop, as every synchronous provider function does."""
    return f"""{_PLAIN}
from pulumi.runtime.sync_await import _sync_await

{first}
_sync_await({_done(first)}.future())
{then}
"""


def invoked(first: str, then: str) -> str:
    """A synchronous provider function of the engine's own, of what the first part declares."""
    asked = "l.urn" if _has_resource(first) else "pulumi.runtime.get_root_resource().urn"
    return f"""{_PLAIN}
{first}
pulumi.runtime.invoke("pulumi:pulumi:getResource", {{"urn": {asked}}})
{then}
"""


def slow(first: str, then: str) -> str:
    """A resource of another provider in between, which waits until the program has gone through many turns."""
    depends = "depends_on=[l]" if _has_resource(first) else ""
    return f"""{_PLAIN}
import asyncio
import pathlib
import uuid
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

class Slowness(ResourceProvider):
    def create(self, props):
        self.wait(props["gate"])
        return CreateResult("slow", props)
    def diff(self, id_, olds, news):
        return DiffResult(changes=True)
    def update(self, id_, olds, news):
        self.wait(news["gate"])
        return UpdateResult(news)
    def wait(self, gate):
        import pathlib, time
        while not pathlib.Path(gate).exists():
            time.sleep(0.01)

class Slow(Resource):
    def __init__(self, name, gate, opts):
        super().__init__(Slowness(), name, {{"gate": str(gate)}}, opts)

{first}
gate = pathlib.Path.cwd() / f"{{uuid.uuid4().hex}}.gate"
slow = Slow("slow", gate, options({depends}))

async def open_gate():
    for _ in range(1000):
        await asyncio.sleep(0)
    gate.touch()

def go_on(_):
{indent(then or "pass", " " * 4)}

opening = asyncio.ensure_future(open_gate())
slow.id.apply(go_on)
"""


def transformed(first: str, then: str) -> str:
    """The program names other people, and a transformation makes them the right ones."""
    return f"""{_PLAIN}
def right(value):
    if isinstance(value, str):
        return value.replace("+1212", "+1650")
    if isinstance(value, dict):
        return {{right(contact): reason for contact, reason in value.items()}}
    return [right(contact) for contact in value]

def change(args):
    named = ("phone", "contacts", "exceptions")
    props = {{key: right(value) if key in named and value else value for key, value in args.props.items()}}
    return pulumi.ResourceTransformationResult(props, args.opts)

pulumi.runtime.register_stack_transformation(change)
{first.replace("+1650", "+1212")}
{then.replace("+1650", "+1212")}
"""


def _has_resource(first: str) -> bool:
    return first.startswith("l = ")


def _done(first: str) -> str:
    return "l.id" if _has_resource(first) else _NOTHING


STYLES = {style.__name__: style for style in (plain, component, applied, awaited, pumped, slow, transformed)}
"""On either engine."""
ONLY_CLI = {invoked.__name__: invoked}
"""The local engine refuses functions."""

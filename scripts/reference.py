"""The tables of what a user writes: a resource's arguments and outputs from its source, commands from their help."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from typer.main import get_group

from pulumi_whatsapp.cli.app import app
from pulumi_whatsapp.dynamic._resource import Resource
from pulumi_whatsapp.dynamic.blocked_contact import BlockedContact
from pulumi_whatsapp.dynamic.blocklist import Blocklist
from pulumi_whatsapp.dynamic.privacy_setting import PrivacySetting

PAGES = {"blocked-contact.md": BlockedContact, "blocklist.md": Blocklist, "privacy-setting.md": PrivacySetting}


def tables(resource: type[Resource]) -> dict[str, Callable[[], str]]:
    """Return the tables of a resource's page: mark -> what writes the table."""
    return {"arguments": partial(arguments, resource), "outputs": partial(outputs, resource)}


def arguments(resource: type[Resource]) -> str:
    """Return what the constructor takes, in its order."""
    (constructor,) = (node for node in _body(resource) if isinstance(node, ast.FunctionDef) and node.name == "__init__")
    meanings = _meanings(inspect.getdoc(resource) or "")
    given = constructor.args
    rows = [("resource_name", "`str`", "yes", meanings["resource_name"])]
    for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        assert argument.annotation
        required = "yes" if default is None else ""
        rows.append((argument.arg, _type(argument.annotation), required, meanings[argument.arg]))
    return _table(["argument", "type", "required", "meaning"], rows)


def outputs(resource: type[Resource]) -> str:
    """Return what the resource has when it exists."""
    rows = [(name, kind, text) for cls in (resource, Resource) for name, kind, text in _attributes(cls)]
    return _table(["output", "type", "meaning"], rows)


def commands() -> str:
    """Return the commands of ``pulumi-whatsapp``."""
    found = get_group(app).commands
    rows = [(f"pulumi-whatsapp {name}", (command.help or "").partition("\n\n")[0]) for name, command in found.items()]
    return _table(["command", "what it does"], rows)


def _body(cls: type) -> list[ast.stmt]:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(definition, ast.ClassDef)
    return definition.body


def _attributes(cls: type) -> Iterator[tuple[str, str, str]]:
    """Yield each public output with its type and the docstring under it."""
    body = _body(cls)
    for node, after in itertools.pairwise(body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id[0] != "_":
            assert isinstance(after, ast.Expr), node.target.id
            assert isinstance(after.value, ast.Constant), node.target.id
            yield node.target.id, _type(node.annotation), inspect.cleandoc(str(after.value.value))


def _meanings(docstring: str) -> dict[str, str]:
    """Return the section ``Args`` of a docstring: name -> text."""
    section = re.split(r"^\w+:$", docstring.partition("Args:\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return dict(re.findall(r"^    (\w+): (.*?)(?=^    \w|\Z)", section, re.DOTALL | re.MULTILINE))


class _Plain(ast.NodeTransformer):
    """What a reader has to know of a type: neither that Pulumi wraps it nor that it may be left out."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        return node.slice if ast.unparse(node.value) in {"pulumi.Input", "pulumi.Output"} else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return node.left if ast.unparse(node.right) == "None" else node


def _type(annotation: ast.expr) -> str:
    plain = ast.unparse(_Plain().visit(annotation)).replace("'", '"')
    if choices := re.fullmatch(r"Literal\[(.*)\]", plain):
        plain = choices[1].replace(", ", " | ")
    return " or ".join(f"`{part}`" for part in plain.split(" | "))


def _table(head: list[str], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [(f"`{name}`", *(_sentence(cell) for cell in cells)) for name, *cells in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in [head, ["---"] * len(head), *lines])


def _sentence(cell: str) -> str:
    return " ".join((cell[:1].upper() + cell[1:]).split()).replace("``", "`")

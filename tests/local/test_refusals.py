"""What only the Pulumi CLI does is refused by name, before anything is done."""

from __future__ import annotations

import re

import pytest

from pulumi_local_engine import Engine, ExitCode

from .conftest import Project

_CASES = {
    "other types": (
        'pulumi.CustomResource("aws:s3:Bucket", "b", {})',
        "resources other than Python's dynamic ones .*aws:s3:Bucket",
    ),
    "remote component": ('pulumi.ComponentResource("x:index:C", "c", {}, None, True)', "remote components"),
    "import": ('Thing("a", Opts(import_="a-1"))', "`import_`"),
    "get": ('pulumi.CustomResource("aws:s3:Bucket", "b", {}, Opts(id="x"))', "reading of resources"),
    "stack reference": ('pulumi.StackReference("org/other/dev")', "reading of resources"),
    "invoke": ('pulumi.runtime.invoke("aws:index:getRegion", {})', r"invokes \(aws:index:getRegion\)"),
    "explicit provider": ('pulumi.ProviderResource("aws", "p", {})', "resources other than Python's dynamic ones"),
    "transforms": ('Thing("a", Opts(transforms=[lambda args: None]))', "transforms"),
    "stack transforms": ("pulumi.runtime.register_resource_transform(lambda args: None)", "transforms"),
    "hooks": (
        """
        hook = pulumi.ResourceHook("h", lambda args: None)
        Thing("a", Opts(hooks=pulumi.ResourceHookBinding(before_create=[hook])))
        """,
        "resource hooks",
    ),
    "assets": ('Thing("a", value=pulumi.StringAsset("x"))', "assets and archives"),
    "archives": ('Thing("a", value=[pulumi.AssetArchive({"x": pulumi.StringAsset("x")})])', "assets and archives"),
    "replace with": ('a = Thing("a")\nThing("b", Opts(replace_with=[a]))', "replacement triggers"),
}


@pytest.mark.parametrize("case", _CASES)
def test_refused_by_name(project: Project, case: str) -> None:
    program, message = _CASES[case]
    project.write(program)
    result = project.engine.preview()
    assert result.exit_code is ExitCode.ERROR
    [error] = result.errors
    assert error.startswith("the local engine does not do ")
    assert error.endswith(": run the program with the Pulumi CLI")
    assert re.search(message, error)


def test_a_missing_stack_has_its_own_exit_code(project: Project) -> None:
    for command in ("refresh", "destroy", "export"):
        with pytest.raises(Exception, match="no stack named 'dev' found") as caught:
            getattr(Engine(project.folder, "dev", passphrase=""), command)()
        assert getattr(caught.value, "code", None) is ExitCode.STACK_NOT_FOUND

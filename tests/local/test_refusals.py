"""What only the Pulumi CLI does is refused by name, before anything is done."""

from __future__ import annotations

import re

import pytest

from pulumi_local_engine import Engine, ExitCode

from .conftest import ThingsProject

_CASES = {
    "other types": (
        'pulumi.CustomResource("aws:s3:Bucket", "b", {})',
        "resources other than Python's dynamic ones .*aws:s3:Bucket",
    ),
    "remote component": ('pulumi.ComponentResource("x:index:C", "c", {}, None, True)', "`remote`"),
    "import": ('Thing("a", Opts(import_="a-1"))', "`import_`"),
    "get": ('pulumi.CustomResource("aws:s3:Bucket", "b", {}, Opts(id="x"))', "reading of resources"),
    "stack reference": ('pulumi.StackReference("org/other/dev")', "reading of resources"),
    "invoke": ('pulumi.runtime.invoke("aws:index:getRegion", {})', r"invokes \(aws:index:getRegion\)"),
    "explicit provider": ('pulumi.ProviderResource("aws", "p", {})', "resources other than Python's dynamic ones"),
    "transforms": ('Thing("a", Opts(transforms=[lambda args: None]))', "`transforms`"),
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
    "replace on changes": ('Thing("a", Opts(replace_on_changes=["value"]))', "`replace_on_changes`"),
    "delete before replace": ('Thing("a", Opts(delete_before_replace=True))', "`delete_before_replace`"),
    "deleted with": ('a = Thing("a")\nThing("b", Opts(deleted_with=a))', "`deleted_with`"),
    "custom timeouts": (
        'Thing("a", Opts(custom_timeouts=pulumi.CustomTimeouts(create="1h")))',
        "`custom_timeouts`",
    ),
    "hidden differences": ('Thing("a", Opts(hide_diffs=["value"]))', "`hide_diffs`"),
    "an option of a later SDK": ('Thing("a", Opts(env_var_mappings={"A": "B"}))', "`env_var_mappings`"),
    "alias in another project": (
        'Thing("a", Opts(aliases=[Alias(project="old")]))',
        "aliases in other projects or stacks",
    ),
    "alias in another stack": ('Thing("a", Opts(aliases=[Alias(stack="old")]))', "aliases in other projects or stacks"),
    "URN in another project": (
        'Thing("a", Opts(aliases=["urn:pulumi:dev::old::pulumi-python:dynamic/things:Thing::a"]))',
        "aliases in other projects or stacks",
    ),
    "replace with": ('a = Thing("a")\nThing("b", Opts(replace_with=[a]))', "`replace_with`"),
}


_PARTS = ["value.x", "value[0]", 'value["x"]', "value[*]"]


@pytest.mark.parametrize("path", _PARTS)
def test_a_part_of_a_property_cannot_be_ignored(project: ThingsProject, path: str) -> None:
    project.write(f"Thing('a', Opts(ignore_changes=[{path!r}]))")
    [error] = project.engine.preview().errors
    assert error.startswith(f"the local engine does not do `ignore_changes` of parts of a property, {path} (")
    assert error.endswith(": ignore the property as a whole")


def test_a_whole_property_may_be_named_as_a_path(project: ThingsProject) -> None:
    for value in (1, 2):
        project.write(f"Thing('a', Opts(ignore_changes=['[\"value\"]']), value={value})")
        result = project.engine.up()
    assert result.changes == {"same": 2}


def test_a_provider_that_deletes_before_it_replaces_is_refused_before_it_does(project: ThingsProject) -> None:
    project.write('Thing("a", first="x")')
    assert project.engine.up().ok
    project.write('Thing("a", first="y")')
    for run in (project.engine.preview, project.engine.up):
        [error] = run().errors
        assert error.startswith("the local engine does not do deletes before replacements, which the provider of ")
        assert "Thing 'a' asks for: " in error
    assert project.names() == ["a"]
    assert project.engine.refresh().ok
    assert project.engine.destroy().ok


def test_a_resource_does_not_take_the_place_of_a_component(project: ThingsProject) -> None:
    project.write('Group("g")')
    assert project.engine.up().ok
    project.write('Thing("a", Opts(aliases=[Alias(name="g", type_="demo:index:Group")]))')
    [error] = project.engine.preview().errors
    assert error.startswith("the local engine does not do aliases from a component to a resource or back (")


@pytest.mark.parametrize("case", _CASES)
def test_refused_by_name(project: ThingsProject, case: str) -> None:
    program, message = _CASES[case]
    project.write(program)
    result = project.engine.preview()
    assert result.exit_code is ExitCode.ERROR
    [error] = result.errors
    assert error.startswith("the local engine does not do ")
    assert error.endswith(": run the program with the Pulumi CLI")
    assert re.search(message, error)


def test_a_missing_stack_has_its_own_exit_code(project: ThingsProject) -> None:
    for command in ("refresh", "destroy", "export"):
        with pytest.raises(Exception, match="no stack named 'dev' found") as caught:
            getattr(Engine(project.folder, "dev", passphrase=""), command)()
        assert getattr(caught.value, "code", None) is ExitCode.STACK_NOT_FOUND

"""The release archives: what Pulumi unpacks and installs is whole."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from dist import archive, main

PROVIDER = Path(__file__).parents[2] / "provider"


def test_an_archive_has_all_that_is_installed_and_run() -> None:
    with tarfile.open(fileobj=io.BytesIO(archive())) as members:
        names = set(members.getnames())
        project = members.extractfile("pyproject.toml")
        assert project is not None
        assert 'readme = "README.md"' in project.read().decode(), "it is needed to build the wheel"
        assert {member.mtime for member in members} == {0}

    sources = {file for file in PROVIDER.rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    assert {str(file.relative_to(PROVIDER.parent)) for file in sources} <= names
    assert {"PulumiPlugin.yaml", "__main__.py", "pyproject.toml", "README.md"} <= names
    assert not any(name.startswith(("tests", ".")) for name in names)


def test_each_platform_finds_the_name_that_pulumi_asks_for(tmp_path: Path) -> None:
    main(tmp_path)

    names = {file.name.split("-v")[0] + "-" + "-".join(file.name.split("-")[-2:]) for file in tmp_path.iterdir()}
    machines = ("amd64", "arm64")
    assert names == {
        f"pulumi-resource-whatsapp-{system}-{machine}.tar.gz"
        for system in ("linux", "darwin", "windows")
        for machine in machines
    }
    assert len({file.read_bytes() for file in tmp_path.iterdir()}) == 1

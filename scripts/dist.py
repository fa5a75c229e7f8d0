"""``make dist``: the plugin's release archives, into dist/.

All of them are one archive of the source: Pulumi asks for its own platform's name, and makes a virtual environment of
what it unpacks. What is compiled of the dependencies differs by platform and Python, so pip gets it there.
"""

from __future__ import annotations

import gzip
import io
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
SYSTEMS: Final = ("linux", "darwin", "windows")
PLATFORMS: Final = [f"{system}-{machine}" for system in SYSTEMS for machine in ("amd64", "arm64")]
CONTENTS: Final = (
    "PulumiPlugin.yaml",
    "__main__.py",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "provider",
)


def archive() -> bytes:
    """Return the archive; the same source gives the same bytes."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as members:
        for path in (ROOT / name for name in CONTENTS):
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.is_file() and "__pycache__" not in file.parts:
                    members.add(file, str(file.relative_to(ROOT)), filter=_plain)
    return gzip.compress(tar.getvalue(), mtime=0)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out whose file it was, and when."""
    member.mtime = member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o644
    return member


def main(folder: Path = ROOT / "dist") -> int:
    """Write an archive for each platform."""
    folder.mkdir(exist_ok=True)
    content = archive()
    for platform in PLATFORMS:
        name = f"pulumi-resource-whatsapp-v{version('pulumi-whatsapp')}-{platform}.tar.gz"
        folder.joinpath(name).write_bytes(content)
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A project made of a template, as `pulumi new` makes it, or as the local engine can have it without the CLI.

The package is on no index that a test may ask. So the project's virtual environment is one that sees the packages of
the environment that runs the tests, this package among them: what the CLI then installs into it is there already.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import yaml

from .runners import ROOT

TEMPLATE = ROOT / "templates" / "whatsapp-python"
NAME = "spam-list"


def make_environment(folder: Path) -> Path:
    """Make a virtual environment in which everything is installed already; returns its folder of programs."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    packages = folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    here = sysconfig.get_path("purelib")
    (packages / "checkout.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    wheel = packages / "wheel-0.45.0.dist-info"  # the CLI wants the newest one
    wheel.mkdir()
    (wheel / "METADATA").write_text("Metadata-Version: 2.1\nName: wheel\nVersion: 0.45.0\n")
    command = folder / "bin" / "pulumi-whatsapp"
    command.write_text(f"#!{folder}/bin/python\nfrom pulumi_whatsapp.cli import main\n\nmain()\n")
    command.chmod(0o755)
    return folder / "bin"


def cli_environment(home: Path) -> dict[str, str]:
    """Return an environment for the CLI with a home and a backend of its own, and no index to install from."""
    (home / "backend").mkdir(parents=True)
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "WHATSAPP_"))},
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": (home / "backend").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PIP_NO_INDEX": "true",
    }


def pulumi_new(folder: Path, environment: Mapping[str, str], **config: str) -> str:
    """Run `pulumi new` in an empty folder; returns what it printed."""
    make_environment(folder / "venv")
    given = [part for key, value in config.items() for part in ("--config", f"whatsapp:{key}={value}")]
    arguments = ["--yes", "--force", "--name", NAME, "--stack", "dev", *given]  # --force, because of venv
    done = subprocess.run(
        ["pulumi", "new", str(TEMPLATE), *arguments],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def copied(folder: Path, **config: str) -> None:
    """Do to the template's files what `pulumi new` does."""
    make_environment(folder / "venv")
    shutil.copytree(TEMPLATE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "venv"))
    settings = yaml.safe_load((folder / "Pulumi.yaml").read_text())
    template = settings.pop("template")
    told = {"${PROJECT}": NAME, "${DESCRIPTION}": template["description"]}
    for name in ("Pulumi.yaml", "README.md"):
        text = yaml.safe_dump(settings) if name == "Pulumi.yaml" else (folder / name).read_text()
        for variable, value in told.items():
            text = text.replace(variable, value)
        (folder / name).write_text(text)
    values = {key: asked["default"] for key, asked in template["config"].items()}
    values |= {f"whatsapp:{key}": value for key, value in config.items()}
    (folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": values}))

"""``python -m pulumi_local_engine …``."""

from .cli import app

app(prog_name="python -m pulumi_local_engine")

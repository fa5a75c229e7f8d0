"""``python -m pulumi_whatsapp.local …``."""

from pulumi_whatsapp.local.cli import app

app(prog_name="python -m pulumi_whatsapp.local")

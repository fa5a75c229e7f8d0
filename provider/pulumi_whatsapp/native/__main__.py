"""``python -m pulumi_whatsapp.native <engine's address>``."""

from .plugin import main

main()

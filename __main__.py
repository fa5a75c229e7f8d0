"""The plugin, where Pulumi runs this folder: without this file it would look for components in the package."""

from pulumi_whatsapp.native.plugin import main

main()

"""Credentials from the environment: of a CI system, a vault's agent, or a shell.

The environment wins over `pulumi config set --secret`, because `refresh` and `destroy` see the configuration of the
last `up`: a token that was rotated since works there, too. `pulumi-whatsapp doctor` says what is found where, and
shows no credential.
"""

import pulumi

import pulumi_whatsapp as whatsapp

# Nothing of it is in the program: a resource knows its account by name only.
office = whatsapp.BlockedContact("spammer", phone="+55 11 98765-4321", reason="spam report 4711")
support = whatsapp.BlockedContact("spammer-support", phone="+55 11 98765-4321", account="support")

pulumi.export("accounts", [office.account_id, support.account_id])

"""Whom this WhatsApp account blocks."""

import pulumi

import pulumi_whatsapp as whatsapp

# Whatever is wrong in the file is one error that names every line, before anything is changed. Taking a line out of it
# unblocks that contact with the next `pulumi up`, and `pulumi preview` names who that is.
contacts = whatsapp.contacts_from_file("contacts.csv")

# With `allow_failures`, whom the gateway refuses is a warning: Meta, 360dialog and Kaleyra block only who wrote in the
# last 24 hours. The nightly job tries them again. Without it, `pulumi up` fails until everybody is blocked.
spam = whatsapp.Blocklist("spam", contacts=contacts, allow_failures=True)

pulumi.export("account", spam.account_id)
pulumi.export("declared", spam.contacts.apply(len))
pulumi.export("not_blocked", spam.failed)

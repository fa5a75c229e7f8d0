"""A block list kept in a CSV file, with the reasons."""

import pulumi

import pulumi_whatsapp as whatsapp

# Pulumi runs a program in its own folder, so this is the file beside it. It may spell numbers as it likes, with a
# country code or, because of `defaultRegion`, without one. Whatever is wrong in it is an error that names every line,
# before anything is changed. The same contact in two lines counts once; with two different reasons it is an error, too.
# Reasons are for people: they stand in the state and in previews, WhatsApp never sees them.
blocked = whatsapp.Blocklist("from-csv", contacts=whatsapp.contacts_from_file("blocked.csv"))

pulumi.export("contacts", blocked.contacts)
pulumi.export("count", blocked.contacts.apply(len))

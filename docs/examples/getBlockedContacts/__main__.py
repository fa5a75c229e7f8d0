import pulumi

import pulumi_whatsapp as whatsapp

pulumi.export("contacts", whatsapp.get_blocked_contacts_output().contacts)

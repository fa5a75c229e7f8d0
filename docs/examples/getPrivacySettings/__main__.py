import pulumi

import pulumi_whatsapp as whatsapp

pulumi.export("values", whatsapp.get_privacy_settings_output().values)

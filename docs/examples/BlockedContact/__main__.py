import pulumi_whatsapp as whatsapp

whatsapp.BlockedContact("spammer", phone="+55 11 98765-4321", reason="spam report 4711")

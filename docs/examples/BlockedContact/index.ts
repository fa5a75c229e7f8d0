import * as whatsapp from "pulumi-whatsapp";

new whatsapp.BlockedContact("spammer", {
    phone: "+55 11 98765-4321",
    reason: "spam report 4711",
});

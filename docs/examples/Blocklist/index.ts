import * as whatsapp from "pulumi-whatsapp";

new whatsapp.Blocklist("chargebacks", {
    contacts: {
        "+5511987650001": "order 1881",
        "+5511987650002": "order 1904",
    },
});

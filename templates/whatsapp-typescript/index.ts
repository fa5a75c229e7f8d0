// `pulumi package add ../pulumi-whatsapp` makes this package; see README.md.
import * as whatsapp from "pulumi-whatsapp";

// Taking somebody out of it unblocks that contact with the next `pulumi up`; `pulumi preview` names who that is. With
// allowFailures, whom the gateway refuses is a warning: Meta, 360dialog and Kaleyra block only who wrote in the last 24
// hours. Without it, `pulumi up` fails until everybody is blocked.
const spam = new whatsapp.Blocklist("spam", {
    allowFailures: true,
    contacts: {
        "+55 (11) 98765-4321": "spam report 4711",
        "+44 7400 123456": "threats",
        "+1 650-555-1234": "",
    },
});

export const account = spam.accountId;
export const notBlocked = spam.failed;

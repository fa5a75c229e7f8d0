using System.Collections.Generic;
using System.Collections.Immutable;
using Pulumi;
using WhatsApp = Pulumi.WhatsApp;

return await Deployment.RunAsync(() =>
{
    _ = new WhatsApp.Blocklist("chargebacks", new()
    {
        Contacts = new Dictionary<string, string>
        {
            ["+5511987650001"] = "order 1881",
            ["+5511987650002"] = "order 1904",
        }.ToImmutableDictionary(),
    });
});

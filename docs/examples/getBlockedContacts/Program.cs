using System.Collections.Generic;
using Pulumi;
using WhatsApp = Pulumi.WhatsApp;

return await Deployment.RunAsync(() => new Dictionary<string, object?>
{
    ["contacts"] = WhatsApp.GetBlockedContacts.Invoke(new()).Apply(live => live.Contacts),
});

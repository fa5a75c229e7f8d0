using System.Collections.Generic;
using Pulumi;
using WhatsApp = Pulumi.WhatsApp;

return await Deployment.RunAsync(() => new Dictionary<string, object?>
{
    ["values"] = WhatsApp.GetPrivacySettings.Invoke(new()).Apply(live => live.Values),
});

using System.Collections.Immutable;
using Pulumi;
using WhatsApp = Pulumi.WhatsApp;

return await Deployment.RunAsync(() =>
{
    _ = new WhatsApp.PrivacySetting("last-seen", new()
    {
        Setting = WhatsApp.Setting.LastSeen,
        Value = "contact_blacklist",
        Exceptions = ImmutableArray.Create("+5511987654321"),
        Baseline = "contacts",
    });
});

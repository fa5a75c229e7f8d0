using Pulumi;
using WhatsApp = Pulumi.WhatsApp;

return await Deployment.RunAsync(() =>
{
    var support = new WhatsApp.Provider("support", new()
    {
        Gateway = WhatsApp.Gateway.Meta,
        PhoneNumberId = "106540352242922",
        Token = new Config().RequireSecret("supportToken"),
    });

    _ = new WhatsApp.BlockedContact("spammer", new() { Phone = "+5511987654321" }, new() { Provider = support });
});

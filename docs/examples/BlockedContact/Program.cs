using Pulumi;
using WhatsApp = Pulumi.WhatsApp;

return await Deployment.RunAsync(() =>
{
    _ = new WhatsApp.BlockedContact("spammer", new()
    {
        Phone = "+55 11 98765-4321",
        Reason = "spam report 4711",
    });
});

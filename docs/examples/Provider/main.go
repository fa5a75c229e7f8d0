package main

import (
	"example.com/pulumi-whatsapp/sdk/go/whatsapp"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		support, err := whatsapp.NewProvider(ctx, "support", &whatsapp.ProviderArgs{
			Gateway:       whatsapp.GatewayMeta,
			PhoneNumberId: pulumi.String("106540352242922"),
			Token:         config.New(ctx, "").RequireSecret("supportToken"),
		})
		if err != nil {
			return err
		}
		_, err = whatsapp.NewBlockedContact(ctx, "spammer", &whatsapp.BlockedContactArgs{
			Phone: pulumi.String("+5511987654321"),
		}, pulumi.Provider(support))
		return err
	})
}

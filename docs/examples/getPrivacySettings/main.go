package main

import (
	"example.com/pulumi-whatsapp/sdk/go/whatsapp"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		live, err := whatsapp.GetPrivacySettings(ctx, &whatsapp.GetPrivacySettingsArgs{})
		if err != nil {
			return err
		}
		ctx.Export("values", pulumi.ToStringMap(live.Values))
		return nil
	})
}

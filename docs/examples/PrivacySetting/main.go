package main

import (
	"example.com/pulumi-whatsapp/sdk/go/whatsapp"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		_, err := whatsapp.NewPrivacySetting(ctx, "last-seen", &whatsapp.PrivacySettingArgs{
			Setting:    whatsapp.SettingLastSeen,
			Value:      pulumi.String("contact_blacklist"),
			Exceptions: pulumi.ToStringArray([]string{"+5511987654321"}),
			Baseline:   pulumi.String("contacts"),
		})
		return err
	})
}

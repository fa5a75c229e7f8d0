package main

import (
	"example.com/pulumi-whatsapp/sdk/go/whatsapp"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		_, err := whatsapp.NewBlocklist(ctx, "chargebacks", &whatsapp.BlocklistArgs{
			Contacts: pulumi.StringMap{
				"+5511987650001": pulumi.String("order 1881"),
				"+5511987650002": pulumi.String("order 1904"),
			},
		})
		return err
	})
}

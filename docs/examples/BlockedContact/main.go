package main

import (
	"example.com/pulumi-whatsapp/sdk/go/whatsapp"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		_, err := whatsapp.NewBlockedContact(ctx, "spammer", &whatsapp.BlockedContactArgs{
			Phone:  pulumi.String("+55 11 98765-4321"),
			Reason: pulumi.String("spam report 4711"),
		})
		return err
	})
}

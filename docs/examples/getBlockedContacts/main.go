package main

import (
	"example.com/pulumi-whatsapp/sdk/go/whatsapp"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		live, err := whatsapp.GetBlockedContacts(ctx, &whatsapp.GetBlockedContactsArgs{})
		if err != nil {
			return err
		}
		ctx.Export("contacts", pulumi.ToStringArray(live.Contacts))
		return nil
	})
}

package example;

import com.pulumi.Pulumi;
import com.pulumi.resources.CustomResourceOptions;
import com.pulumi.whatsapp.BlockedContact;
import com.pulumi.whatsapp.BlockedContactArgs;
import com.pulumi.whatsapp.Provider;
import com.pulumi.whatsapp.ProviderArgs;
import com.pulumi.whatsapp.enums.Gateway;

public class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            var support = new Provider("support", ProviderArgs.builder()
                .gateway(Gateway.Meta)
                .phoneNumberId("106540352242922")
                .token(ctx.config().requireSecret("supportToken"))
                .build());

            new BlockedContact("spammer",
                BlockedContactArgs.builder().phone("+5511987654321").build(),
                CustomResourceOptions.builder().provider(support).build());
        });
    }
}

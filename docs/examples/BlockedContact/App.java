package example;

import com.pulumi.Pulumi;
import com.pulumi.whatsapp.BlockedContact;
import com.pulumi.whatsapp.BlockedContactArgs;

public class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            new BlockedContact("spammer", BlockedContactArgs.builder()
                .phone("+55 11 98765-4321")
                .reason("spam report 4711")
                .build());
        });
    }
}

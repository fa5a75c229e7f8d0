package example;

import com.pulumi.Pulumi;
import com.pulumi.core.Either;
import com.pulumi.whatsapp.Blocklist;
import com.pulumi.whatsapp.BlocklistArgs;
import java.util.Map;

public class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            new Blocklist("chargebacks", BlocklistArgs.builder()
                .contacts(Either.ofRight(Map.of(
                    "+5511987650001", "order 1881",
                    "+5511987650002", "order 1904")))
                .build());
        });
    }
}

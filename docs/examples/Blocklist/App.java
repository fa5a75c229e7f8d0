package example;

import com.pulumi.Pulumi;
import com.pulumi.whatsapp.Blocklist;
import com.pulumi.whatsapp.BlocklistArgs;
import java.util.Map;

public class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            new Blocklist("chargebacks", BlocklistArgs.builder()
                .contacts(Map.of(
                    "+5511987650001", "order 1881",
                    "+5511987650002", "order 1904"))
                .build());
        });
    }
}

package example;

import com.pulumi.Pulumi;
import com.pulumi.whatsapp.WhatsappFunctions;

public class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            ctx.export("values", WhatsappFunctions.getPrivacySettings().applyValue(live -> live.values()));
        });
    }
}

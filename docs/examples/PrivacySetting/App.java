package example;

import com.pulumi.Pulumi;
import com.pulumi.whatsapp.PrivacySetting;
import com.pulumi.whatsapp.PrivacySettingArgs;
import com.pulumi.whatsapp.enums.Setting;
import java.util.List;

public class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            new PrivacySetting("last-seen", PrivacySettingArgs.builder()
                .setting(Setting.LastSeen)
                .value("contact_blacklist")
                .exceptions(List.of("+5511987654321"))
                .baseline("contacts")
                .build());
        });
    }
}

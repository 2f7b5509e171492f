package dev.scepsy.planner.cluster;

import java.nio.charset.StandardCharsets;

/** The reader of intents in the cluster's config map, for any bytes. */
public final class IntentParser {

    private IntentParser() {}

    /** As in {@link dev.scepsy.planner.parser.ParserUnderTest}. */
    public static void parse(byte[] bytes) {
        try {
            Intent intent = IntentJson.read(new String(bytes, StandardCharsets.UTF_8));
            var unused = IntentJson.describe(intent);
        } catch (IllegalArgumentException refused) {
            if (refused.getMessage() == null || refused.getMessage().contains("com.fasterxml")) {
                throw new IllegalStateException("Refused in words of the program.", refused);
            }
        }
    }

    /** A sound one. */
    public static byte[] example(Intent intent) {
        return IntentJson.write(intent).getBytes(StandardCharsets.UTF_8);
    }
}

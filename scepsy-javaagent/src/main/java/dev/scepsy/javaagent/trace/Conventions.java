package dev.scepsy.javaagent.trace;

import dev.scepsy.javaagent.setting.Settings;
import org.jspecify.annotations.Nullable;

/**
 * Which GenAI conventions spans and metrics follow. Between the two only what is named here changed for what LangChain4j can
 * say; {@code docs/reference/traces.md} has the table, a test compares it with copies of both registries.
 */
public enum Conventions {
    /** The last consolidated release, v1.41.0: what most tools read. */
    V1_41,
    /** The newest of the conventions' own repository: {@code OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental}. */
    NEWEST;

    private static final String OPT_IN = "gen_ai_latest_experimental";

    /** As {@code OTEL_SEMCONV_STABILITY_OPT_IN} says, a list with commas. */
    public static Conventions of(Settings settings) {
        for (String opted :
                settings.text("otel.semconv-stability.opt-in").orElse("").split(",")) {
            if (opted.trim().equals(OPT_IN)) {
                return NEWEST;
            }
        }
        return V1_41;
    }

    /**
     * What an attribute is called; null where it is not said: agents inside the process lost their id after v1.41, and tokens
     * that create a cache are written to it since.
     */
    @Nullable
    String nameOf(String key) {
        if (this == V1_41) {
            return key;
        }
        return switch (key) {
            case GenAi.AGENT_ID -> null;
            case GenAi.USAGE_CACHE_CREATION_TOKENS -> GenAi.USAGE_CACHE_WRITE_TOKENS;
            default -> key;
        };
    }
}

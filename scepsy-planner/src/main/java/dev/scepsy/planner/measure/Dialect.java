package dev.scepsy.planner.measure;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Which parameters beyond the plainest request a server takes. Starts with all that vLLM knows; what a server refuses is
 * dropped one by one. Immutable.
 */
final class Dialect {

    /** In the order in which they are given up when the server does not say which one it minds. */
    enum Parameter {
        IGNORE_EOS("ignore_eos", "answers may end before the asked length"),
        STREAM_OPTIONS("stream_options", "the server may not report token counts"),
        MAX_TOKENS("max_tokens", "max_completion_tokens is sent instead"),
        STREAM("stream", "answers come whole, so that no time to the first token is known");

        private final String key;
        private final String consequence;

        Parameter(String key, String consequence) {
            this.key = key;
            this.consequence = consequence;
        }
    }

    private final Set<Parameter> accepted;

    private Dialect(Set<Parameter> accepted) {
        this.accepted = accepted;
    }

    static Dialect full() {
        return new Dialect(EnumSet.allOf(Parameter.class));
    }

    boolean has(Parameter parameter) {
        return accepted.contains(parameter);
    }

    /**
     * The dialect to try next after a refusal; empty when nothing is left to drop.
     *
     * @param refusal what the server answered, which may name the parameter it minds
     */
    Optional<Dialect> after(String refusal) {
        String text = refusal.toLowerCase(Locale.ROOT);
        return accepted.stream()
                .filter(parameter -> text.contains("'" + parameter.key + "'")
                        || text.contains("\"" + parameter.key + "\"")
                        || text.contains("`" + parameter.key + "`"))
                .findFirst()
                .or(() -> accepted.stream()
                        .filter(parameter -> text.contains(parameter.key))
                        .findFirst())
                .or(() -> accepted.stream().findFirst())
                .map(dropped -> {
                    EnumSet<Parameter> fewer = EnumSet.copyOf(accepted);
                    fewer.remove(dropped);
                    return new Dialect(fewer);
                });
    }

    /** One sentence per parameter that was dropped. */
    List<String> losses() {
        List<String> losses = new ArrayList<>();
        for (Parameter parameter : Parameter.values()) {
            if (!accepted.contains(parameter)) {
                losses.add("The server refuses " + parameter.key + ": " + parameter.consequence + ".");
            }
        }
        return losses;
    }
}

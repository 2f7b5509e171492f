package dev.scepsy.samples.assistant;

import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * {@code --question TEXT} answers one question; {@code --port N} serves {@code POST /research} on the loopback until
 * stopped. {@code --models}, or the environment variable {@code MODELS_URL}, says where the models are.
 */
public final class ResearchMain {

    private static final String USAGE = "Usage: research-assistant --models URL (--question TEXT | --port N)\n"
            + "  --models URL     where the models are served, such as http://127.0.0.1:8000 (or MODELS_URL);\n"
            + "                   for models with addresses of their own NAME=URL,NAME=URL,...\n"
            + "  --question TEXT  answer one question and exit\n"
            + "  --port N         serve POST /research {\"question\": ...} on 127.0.0.1; 0 picks a port";

    private ResearchMain() {}

    public static void main(String[] arguments) throws IOException {
        Map<String, String> options = options(arguments);
        String models = options.getOrDefault("--models", System.getenv("MODELS_URL"));
        if (models == null || options.containsKey("--question") == options.containsKey("--port")) {
            System.err.println(USAGE);
            System.exit(2);
        }
        ResearchAssistant assistant = new ResearchAssistant(Models.at(addresses(models)));
        String question = options.get("--question");
        if (question != null) {
            System.out.println(assistant.research(question));
            System.exit(0); // the HTTP clients' threads would linger
        }
        ResearchServer server = ResearchServer.start(assistant, Integer.parseInt(options.getOrDefault("--port", "0")));
        System.out.println("research assistant listens on http://127.0.0.1:" + server.port());
    }

    /** One address for all, or one for each name. */
    static Function<String, URI> addresses(String models) {
        if (!models.contains("=")) {
            URI all = URI.create(models);
            return model -> all;
        }
        Map<String, URI> byName = new HashMap<>();
        for (String each : models.split(",")) {
            int equals = each.indexOf('=');
            byName.put(each.substring(0, equals), URI.create(each.substring(equals + 1)));
        }
        return model -> Objects.requireNonNull(byName.get(model), () -> "--models has no address of " + model);
    }

    private static Map<String, String> options(String[] arguments) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        return options;
    }
}

package dev.scepsy.planner.router;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the requests of a plan find their engines. Immutable.
 *
 * @param kind what balances them
 * @param settings of it
 * @param models that requests may name, in name order
 */
public record Routing(RouterKind kind, RouterSettings settings, List<RoutedModel> models) {

    /** Nothing stands before the engines. */
    public static final Routing NONE = new Routing(RouterKind.NONE, RouterSettings.DEFAULT, List.of());

    public Routing {
        models = List.copyOf(models);
    }

    /**
     * What {@code settings} mean for {@code models}. Without a kind, those are routed of which one has more than one engine: a
     * connection that has one engine to go to needs no choice.
     */
    public static Routing of(RouterSettings settings, List<RoutedModel> models) {
        boolean choice = models.stream().anyMatch(model -> model.engines() > 1);
        RouterKind kind = settings.kind().orElse(choice ? RouterKind.HAPROXY : RouterKind.NONE);
        return kind == RouterKind.NONE || models.isEmpty() ? NONE : new Routing(kind, settings.withKind(kind), models);
    }

    /** Whether anything is to be done for it. */
    public boolean routes() {
        return kind != RouterKind.NONE;
    }

    /**
     * The same with room for what serves now beside it: models of {@code before} that it lacks, and engines that run.
     *
     * @param running engines by model name
     */
    public Routing during(Routing before, Map<String, Integer> running) {
        if (!kind.hasPods()) {
            return this;
        }
        Map<String, RoutedModel> all = new TreeMap<>();
        if (before.kind.hasPods()) {
            before.models.stream()
                    .filter(model -> running.getOrDefault(model.name(), 0) > 0)
                    .forEach(model -> all.put(model.name(), model));
        }
        models.forEach(model -> all.put(model.name(), model));
        List<RoutedModel> roomy = new ArrayList<>();
        all.values()
                .forEach(model ->
                        roomy.add(model.withEngines(Math.max(model.engines(), running.getOrDefault(model.name(), 0)))));
        return new Routing(kind, settings, roomy);
    }

    /** Places for engines of {@code model}: twice what it has, so that old and new ones find room, in powers of two from 32. */
    static int places(RoutedModel model) {
        int wanted = Math.max(32, 2 * model.engines());
        return Integer.highestOneBit(wanted - 1) << 1;
    }

    /** {@code text} as a JSON string, with nothing in it that a quoted text of a configuration cannot hold. */
    static String json(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < 0x20 || c == '\'' || c > 0x7e) {
                json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }

    /** The answer to {@code GET /v1/models}, as vLLM gives it of its own. */
    String modelList() {
        List<String> entries = new ArrayList<>();
        for (RoutedModel model : models) {
            entries.add(entry(model.name(), model.name(), "null"));
            model.aliases().forEach(alias -> entries.add(entry(alias, model.name(), "null")));
            model.adapters().forEach(adapter -> entries.add(entry(adapter, adapter, json(model.name()))));
        }
        return "{\"object\":\"list\",\"data\":[" + String.join(",", entries) + "]}\n";
    }

    private static String entry(String id, String root, String parent) {
        return "{\"id\":" + json(id) + ",\"object\":\"model\",\"created\":0,\"owned_by\":\"vllm\",\"root\":"
                + json(root) + ",\"parent\":" + parent + "}";
    }
}

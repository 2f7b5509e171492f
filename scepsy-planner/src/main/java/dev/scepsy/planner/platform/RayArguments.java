package dev.scepsy.planner.platform;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.cluster.EngineLaunch;
import dev.scepsy.planner.platform.Rendering.Obstacles;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The arguments of {@code vllm serve} as Ray Serve LLM takes them: {@code engine_kwargs}, fields of vLLM's {@code AsyncEngineArgs} and
 * {@code FrontendArgs}. Model, served name, host and port are Ray's own (read in Ray 2.60, {@code vllm_models.py}).
 */
final class RayArguments {

    /** What Ray sets itself, with how many words follow: {@code --served-model-name} takes several. */
    private static final Set<String> OF_RAY = Set.of("--served-model-name", "--host", "--port");

    /** Texts even where they look like something else. */
    private static final Set<String> TEXTS = Set.of(
            "--quantization",
            "--dtype",
            "--kv-cache-dtype",
            "--runner",
            "--convert",
            "--revision",
            "--code-revision",
            "--tokenizer-revision");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final EngineLaunch launch;
    private final Obstacles obstacles;
    private final Map<String, Object> keywords = new LinkedHashMap<>();

    private RayArguments(EngineLaunch launch, Obstacles obstacles) {
        this.launch = launch;
        this.obstacles = obstacles;
    }

    /** By keyword; what has none is an obstacle. */
    static Map<String, Object> keywords(EngineLaunch launch, Obstacles obstacles) {
        RayArguments read = new RayArguments(launch, obstacles);
        if (!launch.engine().equals("vllm")) {
            obstacles.add(
                    "Model (" + launch.model() + ") is served by " + launch.engine()
                            + ", and Ray Serve LLM starts vLLM only.",
                    "Plan the model with engine: vllm.");
            return Map.of();
        }
        List<String> words = launch.arguments();
        int at = 1; // the model comes first
        while (at < words.size()) {
            int next = at + 1;
            while (next < words.size() && !isFlag(words.get(next))) {
                next++;
            }
            read.option(words.get(at), words.subList(at + 1, next));
            at = next;
        }
        return read.keywords;
    }

    private static boolean isFlag(String word) {
        return word.startsWith("-") && !word.matches("-\\d+|-\\d*\\.\\d+");
    }

    private void option(String word, List<String> following) {
        String[] parts = word.split("=", 2);
        String flag = parts[0].replace('_', '-');
        List<String> values = parts.length == 2 ? List.of(parts[1]) : following;
        if (flag.equals("--served-model-name") && values.size() > 1) {
            obstacles.add(
                    "Model (" + launch.model() + ") has aliases (" + String.join(", ", values.subList(1, values.size()))
                            + "), and Ray Serve LLM gives a model one name.",
                    "Ask for the model by its name and leave aliases out.");
        } else if (flag.equals("--lora-modules")) {
            obstacles.add(
                    "Model (" + launch.model()
                            + ") has adapters, and Ray Serve LLM loads adapters from a cloud store only.",
                    "Serve the adapters on kubernetes, or as models of their own.");
        } else if (!OF_RAY.contains(flag)) {
            if (!flag.startsWith("--") || flag.contains(".") || values.size() > 1) {
                obstacles.add(
                        "Argument (" + word + (values.isEmpty() ? "" : " " + String.join(" ", values)) + ") of model ("
                                + launch.model() + ") has no form in Ray Serve's engine_kwargs.",
                        "Write it as --long-option VALUE, JSON for several values, or leave it out.");
            } else if (values.isEmpty() && flag.startsWith("--no-")) {
                put(flag.substring("--no-".length()), false);
            } else {
                put(flag.substring(2), values.isEmpty() ? true : value(flag, values.get(0)));
            }
        }
    }

    private void put(String flag, Object value) {
        keywords.put(flag.replace('-', '_'), value);
    }

    private static Object value(String flag, String text) {
        if (TEXTS.contains(flag)) {
            return text;
        }
        if (text.matches("-?(0|[1-9]\\d{0,17})")) {
            return Long.valueOf(text);
        }
        if (text.matches("-?\\d+\\.\\d+")) {
            return new BigDecimal(text);
        }
        return json(text).orElse(text);
    }

    private static Optional<Object> json(String text) {
        if (!text.startsWith("{") && !text.startsWith("[")) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(text, Object.class));
        } catch (JsonProcessingException noJson) {
            return Optional.empty();
        }
    }
}

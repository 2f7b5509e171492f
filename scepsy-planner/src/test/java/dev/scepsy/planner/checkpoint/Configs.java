package dev.scepsy.planner.checkpoint;

import dev.scepsy.planner.profile.ArchitectureResult;
import dev.scepsy.planner.profile.ModelArchitecture;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Objects of configuration files for tests. */
final class Configs {

    private Configs() {}

    static Map<String, Object> config(String type, Object... namesAndValues) {
        Map<String, Object> config = new HashMap<>();
        config.put("model_type", type);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            config.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return config;
    }

    static Map<String, Object> shape(
            String type, int layers, int hidden, int heads, int kvHeads, int vocabulary, Object... more) {
        Map<String, Object> config = config(type, more);
        config.put("num_hidden_layers", layers);
        config.put("hidden_size", hidden);
        config.put("num_attention_heads", heads);
        config.put("num_key_value_heads", kvHeads);
        config.put("vocab_size", vocabulary);
        return config;
    }

    static ModelArchitecture known(Map<String, ?> config) {
        return ((ArchitectureResult.Known) HuggingFaceConfig.read("given", config)).architecture();
    }

    static List<String> warnings(Map<String, ?> config) {
        return ((ArchitectureResult.Known) HuggingFaceConfig.read("given", config)).warnings();
    }

    static List<String> unknown(Map<String, ?> config) {
        return ((ArchitectureResult.Unknown) HuggingFaceConfig.read("given", config)).problems();
    }
}

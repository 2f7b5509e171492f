package dev.scepsy.planner.file;

import dev.scepsy.planner.checkpoint.HuggingFaceConfig;
import dev.scepsy.planner.profile.ArchitectureResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the architecture of a model from its Hugging Face {@code config.json}, and {@code hf_quant_config.json} beside it. */
public final class ArchitectureFile {

    private ArchitectureFile() {}

    /**
     * The architecture that {@code file} describes, or everything that keeps it from being known.
     *
     * @param name what messages and plans shall call it
     */
    public static ArchitectureResult read(String name, Path file) {
        Reading<Value> document = Document.read(file);
        if (!(document instanceof Reading.Legal<Value> legal)) {
            return new ArchitectureResult.Unknown(
                    document.whyMalformed().stream().map(Problem::toString).toList());
        }
        if (!(Document.plain(legal.value()) instanceof Map<?, ?> json)) {
            return new ArchitectureResult.Unknown(List.of("The file must hold a JSON object."));
        }
        Map<String, Object> settings = new HashMap<>();
        json.forEach((key, setting) -> settings.put(String.valueOf(key), setting));
        quantisationBeside(file, settings);
        return HuggingFaceConfig.read(name, settings);
    }

    /** Checkpoints of ModelOpt before 2025 keep their quantisation in a file of its own. */
    private static void quantisationBeside(Path file, Map<String, Object> settings) {
        Path beside = file.resolveSibling("hf_quant_config.json");
        if (settings.containsKey("quantization_config") || !Files.isRegularFile(beside)) {
            return;
        }
        if (Document.read(beside) instanceof Reading.Legal<Value> legal
                && Document.plain(legal.value()) instanceof Map<?, ?> json
                && json.get("quantization") instanceof Map<?, ?> quantisation) {
            Map<String, Object> block = new HashMap<>();
            quantisation.forEach((key, value) -> block.put(String.valueOf(key), value));
            block.put("quant_method", "modelopt");
            settings.put("quantization_config", block);
        }
    }
}

package dev.scepsy.planner.file;

import dev.scepsy.planner.profile.ArchitectureResult;
import dev.scepsy.planner.profile.HuggingFaceConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the architecture of a model from its Hugging Face {@code config.json}. */
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
        return HuggingFaceConfig.read(name, settings);
    }
}

package dev.scepsy.planner.file;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * How the engines of one model are started, as far as the file says. Immutable.
 *
 * @param servedFrom what the engine loads: a Hugging Face id or a path
 * @param image container image
 * @param task {@code generate}, {@code embed} or {@code rerank}
 * @param engineArguments further arguments of the engine, as they are; none that the plan owns
 * @param cpuCores processors that one replica takes of its node
 * @param hostMemoryGiB memory that one replica takes of its node
 * @param podTemplate strategic merge patch of the pod template, as written; empty where there is none
 * @param podTemplatePath where the patch stands
 */
public record EngineStart(
        Optional<String> servedFrom,
        Optional<String> image,
        Optional<String> task,
        List<String> engineArguments,
        OptionalDouble cpuCores,
        OptionalDouble hostMemoryGiB,
        Map<String, Object> podTemplate,
        String podTemplatePath) {

    private static final Map<String, String> TASKS = ModelsFile.words(Stream.of("generate", "embed", "rerank"));

    /** Processors that files may speak of, of an engine or of a node. */
    public static final double MOST_CORES = 4096;

    /** Host memory that files may speak of, of an engine or of a node, GiB. */
    public static final double MOST_HOST_GIB = 65_536;

    public EngineStart {
        engineArguments = List.copyOf(engineArguments);
    }

    static EngineStart read(Fields fields) {
        return new EngineStart(
                fields.optionalText("servedFrom"),
                fields.optionalText("image"),
                fields.optionalChoice("task", TASKS),
                fields.texts("engineArguments"),
                fields.optionalNumber("engineCpuCores", new Range(0, false, MOST_CORES)),
                fields.optionalNumber("engineHostMemoryGiB", new Range(0, false, MOST_HOST_GIB)),
                fields.plainMapping("podTemplate"),
                fields.pathOf("podTemplate"));
    }
}

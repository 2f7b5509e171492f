package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.cluster.GpuNode;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.serving.ClusterSkeleton;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Sharing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scepsy init}: skeletons that read back as they are. */
class InitCommandTest {

    private static final Catalogue CATALOGUE = Catalogue.builtIn();

    @TempDir
    Path folder;

    @Test
    void skeletonsAreLegalFiles() {
        assertThat(CommandLineRun.of("init", "--folder", folder).exitCode()).isZero();

        assertThat(ClusterFile.read(folder.resolve("cluster.yaml"), CATALOGUE).whyMalformed())
                .isEmpty();
        assertThat(ModelsFile.read(folder.resolve("models.yaml"), CATALOGUE).whyMalformed())
                .isEmpty();
    }

    @Test
    void existingFilesStayUnlessForced() throws IOException {
        Path models = Files.writeString(folder.resolve("models.yaml"), "mine");

        CommandLineRun run = CommandLineRun.of("init", "--folder", folder);

        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains("models.yaml", "--force");
        assertThat(models).hasContent("mine");
        assertThat(folder.resolve("cluster.yaml")).doesNotExist();
        assertThat(CommandLineRun.of("init", "--folder", folder, "--force").exitCode())
                .isZero();
        assertThat(models).content().startsWith("# The served models.");
    }

    @Test
    void tracesNameTheModelsAndTheirLongestCalls() throws IOException {
        Path traces = Files.writeString(
                folder.resolve("traces.jsonl"),
                span("01", "org/Qwen3-32B-Instruct", 4000, 700) + "\n"
                        + span("02", "org/Qwen3-32B-Instruct", 100, 900) + "\n"
                        + span("03", "own \"model\"", 10, 5));

        assertThat(CommandLineRun.of("init", traces, "--folder", folder).exitCode())
                .isZero();

        List<ServedModel> models = ModelsFile.read(folder.resolve("models.yaml"), CATALOGUE)
                .legalValue()
                .orElseThrow()
                .models();
        assertThat(models).extracting(ServedModel::name).containsExactly("org/Qwen3-32B-Instruct", "own \"model\"");
        assertThat(models.get(0).architecture()).contains("Qwen3-32B");
        // 4,700 tokens and a quarter more, in steps of 1,024
        assertThat(models.get(0).maxModelLength()).hasValue(6144);
        assertThat(models.get(1).architecture()).isEmpty();
        assertThat(folder.resolve("models.yaml"))
                .content()
                .contains("seen in 2 calls, the longest with 4000 tokens in, 900 out, 4700 together");
    }

    @Test
    void tracesWithoutModelCallsAreBadInput() throws IOException {
        Path traces = Files.writeString(folder.resolve("traces.jsonl"), "");

        assertThat(CommandLineRun.of("init", traces, "--folder", folder).exitCode())
                .isEqualTo(ExitCode.BAD_INPUT);
        assertThat(CommandLineRun.of("init", folder.resolve("none.jsonl"), "--folder", folder)
                        .exitCode())
                .isEqualTo(ExitCode.BAD_INPUT);
        assertThat(folder.resolve("models.yaml")).doesNotExist();
    }

    @Test
    void nodeLabelsFillInTheCluster() throws IOException {
        List<GpuNode> nodes = List.of(
                new GpuNode(
                        "b",
                        Optional.of("rack 2"),
                        Optional.of("NVIDIA-H100-80GB-HBM3-SHARED"),
                        8,
                        OptionalInt.of(4),
                        OptionalDouble.of(79.6),
                        Optional.of("mps"),
                        OptionalInt.of(4)),
                new GpuNode(
                        "a",
                        Optional.empty(),
                        Optional.of("Special-1"),
                        2,
                        OptionalInt.empty(),
                        OptionalDouble.of(42.5),
                        Optional.empty(),
                        OptionalInt.empty()),
                new GpuNode(
                        "c",
                        Optional.empty(),
                        Optional.of("A100-SXM-80GB"),
                        2,
                        OptionalInt.empty(),
                        OptionalDouble.empty(),
                        Optional.of("mps"),
                        OptionalInt.empty()));
        Path file = Files.writeString(folder.resolve("cluster.yaml"), ClusterSkeleton.of(nodes, CATALOGUE));

        List<Node> read = ClusterFile.read(file, CATALOGUE)
                .legalValue()
                .orElseThrow()
                .cluster()
                .nodes();

        assertThat(read).extracting(Node::name).containsExactly("b", "a", "c");
        assertThat(read.get(0).gpu().name()).isEqualTo("H100-SXM-80GB");
        assertThat(read.get(0).domainSize()).isEqualTo(4);
        assertThat(read.get(0).sharing()).isEqualTo(new Sharing.EqualParts(Sharing.Mode.MPS, 4, false));
        assertThat(read.get(1).gpu().memoryGiB()).isEqualTo(42.5);
        assertThat(read.get(2).gpu().name()).isEqualTo("A100-SXM-80GB");
        assertThat(read.get(2).sharing().mode()).isEqualTo(Sharing.Mode.MPS);
    }

    @Test
    void aClusterThatCannotBeReachedIsRefused() {
        CommandLineRun run =
                CommandLineRun.of("init", "--kubernetes", "--server", "http://127.0.0.1:9", "--folder", folder);

        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.REFUSED);
        assertThat(folder.resolve("cluster.yaml")).doesNotExist();
    }

    private static String span(String id, String model, int input, int output) {
        return "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"000000000000000000000000000000" + id
                + "\",\"spanId\":\"00000000000000" + id
                + "\",\"name\":\"chat\",\"kind\":3,\"startTimeUnixNano\":\"1000\","
                + "\"endTimeUnixNano\":\"2000\",\"attributes\":["
                + "{\"key\":\"gen_ai.operation.name\",\"value\":{\"stringValue\":\"chat\"}},"
                + "{\"key\":\"gen_ai.request.model\",\"value\":{\"stringValue\":\"" + model.replace("\"", "\\\"")
                + "\"}},"
                + "{\"key\":\"gen_ai.usage.input_tokens\",\"value\":{\"intValue\":\"" + input + "\"}},"
                + "{\"key\":\"gen_ai.usage.output_tokens\",\"value\":{\"intValue\":\"" + output + "\"}}]}]}]}]}";
    }
}

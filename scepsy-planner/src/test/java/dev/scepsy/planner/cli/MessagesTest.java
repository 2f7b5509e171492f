package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of arguments that are nearly right, and where output goes. */
class MessagesTest {

    @TempDir
    Path folder;

    private CommandLineRun engine(String option, String value) {
        return CommandLineRun.of(
                "engine",
                "--model",
                option.equals("--model") ? value : "Llama-3.1-8B",
                "--gpu",
                option.equals("--gpu") ? value : "H100-SXM-80GB",
                "--input-tokens",
                "100",
                "--output-tokens",
                "10",
                "--concurrency",
                "1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"H100", "NVIDIA-H100-80GB-HBM3", "h100-sxm-80gb"})
    void aGpuByAnotherNameIsRecognised(String name) throws IOException {
        assertThat(engine("--gpu", name).err())
                .contains("Maybe ", "H100-SXM-80GB")
                .contains(" is meant.");
        Path cluster = Files.writeString(
                folder.resolve("cluster.yaml"), "racks: [{name: r, nodes: [{name: n, gpu: " + name + ", gpus: 1}]}]\n");
        assertThat(CommandLineRun.of("plan", "--cluster", cluster, "--models", "m", "--workflows", "w")
                        .err())
                .contains("H100-SXM-80GB", " is meant.");
        CommandLineRun profile = CommandLineRun.of("shares", "x", "--models", "m", "--reference-gpu", name);
        assertThat(profile.err()).contains("H100-SXM-80GB", " is meant.");
    }

    @Test
    void aModelByAnotherNameIsRecognised() {
        assertThat(engine("--model", "meta-llama/Llama-3.1-8B-Instruct").err()).contains("Maybe Llama-3.1-8B");
        assertThat(engine("--model", "qwen2.5-7b").err()).contains("Maybe Qwen2.5-7B");
    }

    @Test
    void aFolderOfAnythingElseIsNotRepeatedLineByLine() throws IOException {
        Path traces = Files.createDirectory(folder.resolve("traces"));
        Files.writeString(traces.resolve("notes.txt"), "\u001b[31mred\n".repeat(5_000));

        CommandLineRun run = CommandLineRun.of("shares", traces, "--out", folder.resolve("w.json"));

        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err())
                .contains("notes.txt:1: not JSON", "4900 more lines are malformed")
                .doesNotContain("\u001b");
        assertThat(run.err().lines()).hasSizeBetween(100, 110);
    }

    @Test
    void aResultNeverTakesThePlaceOfItsInput() throws IOException {
        Path workflows = Files.writeString(folder.resolve("workflows.json"), "{}");
        Path link = Files.createSymbolicLink(folder.resolve("link.json"), workflows);
        for (Path out :
                new Path[] {workflows, link, folder.resolve("../" + folder.getFileName() + "/workflows.json")}) {
            CommandLineRun run = CommandLineRun.of(
                    "plan", "--cluster", "c", "--models", "m", "--workflows", workflows, "--out", out);
            assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
            assertThat(run.err()).contains("--workflows reads", "Name another");
        }
        assertThat(CommandLineRun.of("shares", workflows, "--out", workflows).err())
                .contains("the command reads");
        assertThat(Files.readString(workflows)).isEqualTo("{}");
    }

    @Test
    void twoValuesOfOneKeyAreRefused() {
        assertThat(CommandLineRun.of(
                                "plan",
                                "--cluster",
                                "c",
                                "--models",
                                "m",
                                "--workflows",
                                "w",
                                "--target",
                                "a=1",
                                "--target",
                                "a=2")
                        .err())
                .contains("--target: (a) is given twice");
    }

    @Test
    void portsThatAreNoneAndKubeconfigsThatAreNoneAreSaid() throws IOException {
        assertThat(CommandLineRun.of("shares", "jaeger:http://127.0.0.1:99999?service=x"))
                .satisfies(run -> assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
                .satisfies(run -> assertThat(run.err()).contains("must be like jaeger:"));
        assertThat(CommandLineRun.of("status", "--server", "http://127.0.0.1:99999")
                        .exitCode())
                .isEqualTo(ExitCode.BAD_INPUT);
        assertThat(CommandLineRun.of("status", "--kubeconfig", folder.resolve("none"))
                        .err())
                .contains("There is no such file");
        Path binary = Files.write(folder.resolve("kubeconfig"), new byte[] {(byte) 0xff, 0, (byte) 0xfe});
        assertThat(CommandLineRun.of("status", "--kubeconfig", binary))
                .satisfies(run -> assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
                .satisfies(
                        run -> assertThat(run.err()).contains("it is no YAML").doesNotContain("\tat "));
    }

    @Test
    void anEmptyNameOfTracesIsNotTheWorkingFolder() {
        CommandLineRun run = CommandLineRun.of("shares", "", "--out", folder.resolve("w.json"));

        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains("is empty");
    }

    @Test
    void aVerbThatIsFarFromAllIsNotTakenForOne() {
        assertThat(CommandLineRun.of("deploy").err()).doesNotContain("Maybe").contains("Verbs: record, shares");
        assertThat(CommandLineRun.of("deploy").exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(CommandLineRun.of("plann").err()).contains("Maybe plan is meant.");
    }

    @Test
    void aFolderThatIsNotThereIsSaidAndNotMade() throws IOException {
        Path missing = folder.resolve("nowhere");
        assertThat(CommandLineRun.of(
                                "plan",
                                "--cluster",
                                "c",
                                "--models",
                                "m",
                                "--workflows",
                                "w",
                                "--out",
                                missing.resolve("p.json"))
                        .err())
                .contains("There is no folder " + missing + ". Make it first, or name another.");
        CommandLineRun engine = CommandLineRun.of(
                "engine",
                "--model",
                "Llama-3.1-8B",
                "--gpu",
                "H100-SXM-80GB",
                "--input-tokens",
                "100",
                "--output-tokens",
                "10",
                "--concurrency",
                "1",
                "--out",
                missing.resolve("e.csv"));
        assertThat(engine.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(engine.err()).contains("There is no folder " + missing).doesNotContain("Exception", ".tmp");
        CommandLineRun record = CommandLineRun.of(
                "record", "--grpc", "off", "--http", "127.0.0.1:0", "--for", "1s", "--out", missing.resolve("t.jsonl"));
        assertThat(record.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(record.err()).contains("--out: There is no folder " + missing);
        assertThat(missing).doesNotExist();
    }

    @Test
    void whatStandsInTheWayOfAFolderIsSaid() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        CommandLineRun run = CommandLineRun.of("init", "--folder", file);
        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains("is in the way").doesNotContain("Exception");
    }

    @Test
    void rowsOfASpreadsheetInUtf16AreRead() throws IOException {
        String rows =
                "\uFEFFmodel,gpu,tensorParallel,inputTokens,outputTokens,concurrency\r\nLlama-3.1-8B,H100-SXM-80GB,1,100,10,1\r\n";
        Path file = Files.write(folder.resolve("rows.csv"), rows.getBytes(StandardCharsets.UTF_16LE));
        CommandLineRun run = CommandLineRun.of("engine", "--batch", file);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("Llama-3.1-8B,H100-SXM-80GB");
    }

    @ParameterizedTest
    @ValueSource(strings = {"weightPrecision: ", "config: ", "name: [], x: ", "prefixCacheHitRate: "})
    void nothingOfAMegabyteIsRepeatedWhole(String key) throws IOException {
        Path models =
                Files.writeString(folder.resolve("models.yaml"), "models: [{" + key + "9".repeat(1 << 20) + "}]\n");
        CommandLineRun run =
                CommandLineRun.of("plan", "--cluster", "c", "--models", models, "--workflows", "w", "--json");
        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err().length() + run.out().length()).isLessThan(10_000);
    }

    @Test
    void aNamespaceThatKubernetesDoesNotTakeIsRefused() {
        CommandLineRun run =
                CommandLineRun.of("render", "--cluster", "c", "--models", "m", "--plan", "p", "--namespace", "load*2");
        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains("The namespace (load*2) must be of lower-case letters");
        assertThat(CommandLineRun.of("status", "--server", "http://127.0.0.1:9", "--namespace", "A")
                        .exitCode())
                .isEqualTo(ExitCode.BAD_INPUT);
    }

    @Test
    void whatIsNoPathIsSaidWithoutWordsOfTheProgram() {
        CommandLineRun run = CommandLineRun.of("plan", "--cluster", "a\u0000b", "--models", "m", "--workflows", "w");
        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains("--cluster", "is no path of a file").doesNotContain("java.", "Exception");
    }

    @Test
    void anEmptyNameOfAFileIsSaidToBeEmpty() {
        assertThat(CommandLineRun.of("plan", "--cluster", "", "--models", "m", "--workflows", "w")
                        .err())
                .contains("The name of the file is empty.");
    }
}

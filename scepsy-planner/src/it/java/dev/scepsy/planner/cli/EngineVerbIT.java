package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scepsy engine} as a user starts it: one point, many rows, a fit, and what it says of impossible ones. */
class EngineVerbIT {

    private static final Path JAR = Path.of("target/scepsy-cli.jar").toAbsolutePath();
    private static final String COLUMNS =
            "model,gpu,engine,weightPrecision,tensorParallel,inputTokens,outputTokens,concurrency";

    @TempDir
    Path folder;

    @Test
    void onePointGoesToStandardOutput() throws Exception {
        Run run = engine(
                "--model",
                "Llama-3.1-8B",
                "--gpu",
                "H100-SXM-80GB",
                "--input-tokens",
                "1024",
                "--output-tokens",
                "256",
                "--concurrency",
                "16");

        assertThat(run.exitCode()).as(run.err()).isZero();
        List<String> lines = run.out().lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).isEqualTo(COLUMNS + ",gpuFraction,ttftMillis,tpotMillis,reason");
        assertThat(lines.get(1)).matches("Llama-3.1-8B,H100-SXM-80GB,vllm,bf16,1,1024,256,16,1,[0-9.]+,[0-9.]+,");
    }

    @Test
    void manyRowsGoToAFileAndEachGetsNumbersOrAReason() throws Exception {
        write(
                "rows.csv",
                COLUMNS,
                "Llama-3.1-8B,H100-SXM-80GB,vllm,fp8,1,1024,256,16",
                "Llama-3.1-70B,H100-SXM-80GB,vllm,bf16,1,1024,256,16",
                "Llama-3.1-8B,H100-SXM-80GB,sglang,bf16,1,1024,256,16",
                "bge-reranker-v2-m3,L4-24GB,vllm,bf16,1,512,0,8");

        Run run = engine("--batch", "rows.csv", "--out", "predicted.csv");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEmpty();
        List<String> lines = Files.readAllLines(folder.resolve("predicted.csv"));
        assertThat(lines).hasSize(5);
        assertThat(lines.get(1)).matches(".*,16,[0-9.]+,[0-9.]+,");
        assertThat(lines.get(2)).contains(",16,,,", "GiB", "it fits with tensorParallel 2");
        assertThat(lines.get(3)).contains("general coefficients");
        assertThat(lines.get(4)).matches(".*,8,[0-9.]+,,no kernel times of L4-24GB.*");
    }

    @Test
    void aFewOwnRowsCalibrateAndAFitCanBeRunAgain() throws Exception {
        write(
                "own.csv",
                COLUMNS + ",ttftMillis,tpotMillis",
                "Llama-3.1-8B,H100-SXM-80GB,vllm,bf16,1,1024,256,16,90,14",
                "Llama-3.1-8B,H100-SXM-80GB,vllm,bf16,1,1024,256,64,200,20",
                "Llama-3.1-8B,H100-SXM-80GB,vllm,bf16,1,4096,256,16,260,19");

        String plain = engine(point()).out();
        String calibrated = engine(point("--calibrate", "own.csv")).out();
        assertThat(perToken(calibrated)).isGreaterThan(1.05 * perToken(plain));

        Run fitted = engine("--fit", "own.csv");
        assertThat(fitted.out()).contains("Fitted on 3 rows of own.csv", "FITTED_MODELS=Llama-3.1-8B", "PRODUCTS=");
    }

    @Test
    void whatIsWrongIsNamedTogetherAndNothingIsWritten() throws Exception {
        write("rows.csv", COLUMNS, "No-Model,H100-SXM-80GB,vllm,bf16,1,0,256,1e99");

        Run run = engine("--batch", "rows.csv", "--out", "predicted.csv");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("rows.csv:2:1: model", "rows.csv:2:1: inputTokens", "rows.csv:2:1: concurrency");
        assertThat(folder.resolve("predicted.csv")).doesNotExist();
    }

    private static String[] point(String... more) {
        List<String> arguments = new ArrayList<>(List.of("--model", "Llama-3.1-8B", "--gpu", "H100-SXM-80GB"));
        arguments.addAll(List.of("--input-tokens", "1024", "--output-tokens", "256", "--concurrency", "32"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private static double perToken(String out) {
        return Double.parseDouble(out.lines().toList().get(1).split(",", -1)[10]);
    }

    private record Run(int exitCode, String out, String err) {}

    private Run engine(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                JAR.toString(),
                "engine"));
        command.addAll(List.of(arguments));
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends in time").isTrue();
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private void write(String name, String... lines) throws IOException {
        Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
    }
}

package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class EngineCommandTest {

    private static final String HEADER =
            "model,gpu,engine,weightPrecision,tensorParallel,inputTokens,outputTokens,concurrency";

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new EngineCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private List<String> batch(String... rows) throws IOException {
        Path in = Files.writeString(folder.resolve("rows.csv"), HEADER + "\n" + String.join("\n", rows) + "\n");
        Path predicted = folder.resolve("predicted.csv");
        assertThat(run("--batch", in.toString(), "--out", predicted.toString())).isZero();
        return Files.readAllLines(predicted);
    }

    @Test
    void onePointPrintsTheInputColumnsThenTheAnswer() {
        int exit = run(
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
        assertThat(exit).isZero();
        String[] lines = out.toString().split("\n");
        assertThat(lines[0]).isEqualTo(HEADER + ",gpuFraction,ttftMillis,tpotMillis,reason");
        String[] cells = lines[1].split(",", -1);
        assertThat(Double.parseDouble(cells[9])).isBetween(20.0, 300.0);
        assertThat(Double.parseDouble(cells[10])).isBetween(5.0, 20.0);
        assertThat(cells[11]).isEmpty();
    }

    @Test
    void batchKeepsEveryRowInOrderAndAnswersEach() throws IOException {
        List<String> lines = batch(
                "Llama-3.1-70B,H100-SXM-80GB,vllm,bf16,1,1024,1024,4",
                "Llama-3.1-8B,H100-SXM-80GB,sglang,bf16,1,1024,1024,4",
                "Llama-3.1-8B,H100-SXM-80GB,vllm,bf16,1,1024,1,4",
                "bge-m3,L4-24GB,vllm,bf16,1,512,0,8",
                "Qwen2.5-7B,H100-SXM-80GB,vllm,bf16,8,512,100,8");
        assertThat(lines).hasSize(6);
        assertThat(lines.get(0)).isEqualTo(HEADER + ",ttftMillis,tpotMillis,reason");
        assertThat(lines.get(1)).contains("1024,4,,,").contains("exceed").contains("fits with tensorParallel 2");
        assertThat(lines.get(2)).endsWith("general coefficients: no measured rows of engine sglang");
        assertThat(lines.get(3)).matches(".*,4,[0-9.]+,,");
        assertThat(lines.get(4))
                .matches(".*,8,[0-9.]+,,.*")
                .contains("no kernel times of L4-24GB: those of L40S-48GB over the facts of L4-24GB");
        assertThat(lines.get(5)).contains("does not divide the 28 attention heads");
    }

    @Test
    void waitingClientsLengthenTheTimeToTheFirstToken() throws IOException {
        List<String> lines = batch(
                "Llama-3.1-8B,RTX-4090-24GB,vllm,bf16,1,4096,1024,8",
                "Llama-3.1-8B,RTX-4090-24GB,vllm,bf16,1,4096,1024,64");
        double few = Double.parseDouble(lines.get(1).split(",")[8]);
        double many = Double.parseDouble(lines.get(2).split(",")[8]);
        assertThat(many).isGreaterThan(20 * few);
        assertThat(lines.get(2)).contains("clients run at once and the rest wait");
    }

    @Test
    void reportsEveryInvalidRowTogether() throws IOException {
        Path in = Files.writeString(
                folder.resolve("bad.csv"),
                HEADER + "\nNoModel,H100-SXM-80GB,vllm,bf16,1,1024,1024,4\nLlama-3.1-8B,X,vllm,fp7,0,-1,a,0\n");
        assertThat(run("--batch", in.toString())).isEqualTo(2);
        assertThat(err.toString())
                .contains("bad.csv:2:1: model: The model (NoModel)")
                .contains("bad.csv:3:1: gpu: The gpu (X)")
                .contains("bad.csv:3:1: weightPrecision: The weightPrecision (fp7)")
                .contains("bad.csv:3:1: tensorParallel: The tensorParallel (0)")
                .contains("bad.csv:3:1: inputTokens: The inputTokens (-1)")
                .contains("bad.csv:3:1: outputTokens: The outputTokens (a)")
                .contains("bad.csv:3:1: concurrency: The concurrency (0)");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void namesMissingColumnsAndOptions() throws IOException {
        Path in = Files.writeString(folder.resolve("bad.csv"), "model,gpu\na,b\n");
        assertThat(run("--batch", in.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("concurrency: This column is missing");
        assertThat(run("--model", "Llama-3.1-8B")).isEqualTo(2);
        assertThat(err.toString()).contains("--gpu: This option is missing");
    }

    private String[] point(String model, String... more) {
        List<String> arguments = new ArrayList<>(List.of("--model", model, "--gpu", "H100-SXM-80GB"));
        arguments.addAll(List.of("--input-tokens", "4096", "--output-tokens", "256", "--concurrency", "64"));
        arguments.addAll(List.of(more));
        out.getBuffer().setLength(0);
        assertThat(run(arguments.toArray(String[]::new))).as(err.toString()).isZero();
        String[] lines = out.toString().split("\n");
        assertThat(lines[1].split(",", -1)).hasSameSizeAs(lines[0].split(",", -1));
        return lines[1].split(",", -1);
    }

    private static double perToken(String[] cells) {
        return Double.parseDouble(cells[cells.length - 2]);
    }

    @Test
    void cachedPrefixesAndSchedulerLimitsAreInputs() {
        double plain = perToken(point("Llama-3.1-8B"));
        assertThat(perToken(point("Llama-3.1-8B", "--prefix-cache-hit-rate", "0.9")))
                .isLessThan(0.8 * plain);
        String[] few = point("Llama-3.1-8B", "--max-num-seqs", "8");
        assertThat(perToken(few)).isLessThan(0.5 * plain);
        assertThat(few[few.length - 1]).isEqualTo("8 of 64 clients run at once and the rest wait");
        assertThat(run("--model", "Llama-3.1-8B", "--gpu", "L4-24GB", "--prefix-cache-hit-rate", "1"))
                .isEqualTo(2);
    }

    @Test
    void aConfigurationFileStandsForAnArchitecture() throws IOException {
        Path config = Files.writeString(folder.resolve("config.json"), """
            {"model_type": "llama", "num_hidden_layers": 32, "hidden_size": 4096, "num_attention_heads": 32,
             "num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 128256,
             "max_position_embeddings": 131072, "tie_word_embeddings": false}
            """);
        assertThat(perToken(point(config.toString()))).isEqualTo(perToken(point("Llama-3.1-8B")));

        Path bad = Files.writeString(folder.resolve("bad.json"), "{\"model_type\": \"mamba\"}");
        assertThat(run(
                        "--model",
                        bad.toString(),
                        "--gpu",
                        "L4-24GB",
                        "--input-tokens",
                        "1",
                        "--output-tokens",
                        "1",
                        "--concurrency",
                        "1"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("is not a transformer", "num_hidden_layers");
    }

    @Test
    void absurdRatesAndLengthsAreRefusedAndContextsNamed() throws IOException {
        Path in = Files.writeString(
                folder.resolve("absurd.csv"), HEADER + "\nLlama-3.1-8B,H100-SXM-80GB,vllm,bf16,1,1e300,1e12,1e10\n");
        assertThat(run("--batch", in.toString())).isEqualTo(2);
        assertThat(err.toString())
                .contains("inputTokens: The inputTokens (1e300)")
                .contains("outputTokens: The outputTokens (1e12)")
                .contains("concurrency: The concurrency (1e10)");
        assertThat(batch("Llama-2-7B,H100-SXM-80GB,vllm,bf16,1,4000,1000,1").get(1))
                .endsWith("5000 tokens are beyond the context of Llama-2-7B (4096)");
    }
}

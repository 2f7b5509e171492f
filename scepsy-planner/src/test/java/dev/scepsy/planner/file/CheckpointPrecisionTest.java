package dev.scepsy.planner.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.profile.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The format of the weights: the checkpoint's own, unless the models file says another, which it may not of a file. */
class CheckpointPrecisionTest {

    @TempDir
    Path folder;

    @BeforeEach
    void writeConfigs() throws IOException {
        String shape =
                "\"model_type\": \"llama\", \"num_hidden_layers\": 2, \"hidden_size\": 1024, \"num_attention_heads\": 8,"
                        + " \"intermediate_size\": 4096, \"vocab_size\": 1000";
        Files.writeString(folder.resolve("plain.json"), "{" + shape + "}");
        Files.writeString(
                folder.resolve("fp8.json"),
                "{" + shape
                        + ", \"quantization_config\": {\"quant_method\": \"fp8\", \"weight_block_size\": [128, 128]}}");
    }

    private Reading<ModelsFile.Described> read(String model) throws IOException {
        Path file = Files.writeString(folder.resolve("models.yaml"), "models: [{name: chat, " + model + "}]");
        return ModelsFile.read(file, Catalogue.builtIn());
    }

    private String precision(String model) throws IOException {
        return read(model).legalValue().orElseThrow().models().get(0).weightPrecision();
    }

    @Test
    void leftOutItIsTheCheckpointsOwn() throws IOException {
        assertThat(precision("config: fp8.json")).isEqualTo("fp8");
        assertThat(precision("config: plain.json")).isEqualTo("bf16");
        assertThat(precision("architecture: gpt-oss-120b")).isEqualTo("fp4");
        assertThat(precision("architecture: DeepSeek-R1")).isEqualTo("fp8");
        assertThat(precision("architecture: Kimi-K2.5")).isEqualTo("int4");
        assertThat(precision("architecture: Qwen3-32B")).isEqualTo("bf16");
    }

    @Test
    void anotherWordThanTheFilesIsAnError() throws IOException {
        assertThat(read("config: fp8.json, weightPrecision: bf16").whyMalformed())
                .singleElement()
                .asString()
                .contains(
                        "models[0].weightPrecision",
                        "(bf16) of model (chat) contradicts the quantization_config",
                        "fp8-block",
                        "Write fp8, leave it out");
        assertThat(precision("config: fp8.json, weightPrecision: fp8")).isEqualTo("fp8");
        // engines quantise a 16-bit checkpoint while they load it
        assertThat(precision("config: plain.json, weightPrecision: fp8")).isEqualTo("fp8");
    }

    @Test
    void anotherCheckpointOfAKnownArchitectureIsWarnedAboutUnlessItIsNamed() throws IOException {
        Reading<ModelsFile.Described> silent = read("architecture: MiniMax-M2.5, weightPrecision: fp4");
        assertThat(silent.legalValue()).isPresent();
        assertThat(warnings(silent))
                .anyMatch(warning -> warning.contains("is not that of MiniMax-M2.5 as it is published (fp8-block)")
                        && warning.contains("servedFrom"));
        assertThat(warnings(read(
                        "architecture: MiniMax-M2.5, weightPrecision: fp4, servedFrom: nvidia/MiniMax-M2.5-NVFP4")))
                .noneMatch(warning -> warning.contains("is published"));
    }

    private static List<String> warnings(Reading<ModelsFile.Described> reading) {
        return ((Reading.Legal<ModelsFile.Described>) reading)
                .warnings().stream().map(Problem::toString).toList();
    }

    @Test
    void everyProblemOfAConfigurationIsReportedAtItsPlace() throws IOException {
        Files.writeString(folder.resolve("bad.json"), """
            {"model_type": "llama", "num_hidden_layers": 2, "hidden_size": 1024, "num_attention_heads": 8,
             "num_key_value_heads": "4", "intermediate_size": 4096, "vocab_size": 1e30}
            """);
        assertThat(read("config: bad.json").whyMalformed())
                .anyMatch(problem -> problem.toString().contains("models[0].config")
                        && problem.toString().contains("bad.json")
                        && problem.toString().contains("vocab_size"));
    }
}

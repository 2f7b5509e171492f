package dev.scepsy.samples.cluster.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VllmOptionsTest {

    private static List<String> words(String line) {
        return List.of(line.split(" "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "m --served-model-name a b --tensor-parallel-size 2 --gpu-memory-utilization 0.9 --port=8000",
                "m -tp 2 --max_model_len 8k --no-enable-prefix-caching --enforce-eager -O2",
                "m --runner pooling --convert embed --enable-lora --lora-modules a=x b=y --max-lora-rank 16",
                "m --compilation-config.cudagraph_mode NONE --compilation-config {}",
                "m --max-num-batched-tok 2048 --seed -1 --hf-token --enable-auto-tool-choice",
                "--model m --kv-cache-dtype fp8",
                "m --hf-token secret"
            })
    void whatVllmTakesIsTaken(String line) {
        assertThat(VllmOptions.refusal(words(line))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "m --swap-space 4, unrecognized arguments: --swap-space 4",
        "m --no-such-thing --port 1, unrecognized arguments: --no-such-thing",
        "m another --port 1, unrecognized arguments: another",
        "m --port, argument --port: expected one argument",
        "m --served-model-name --port 1, argument --served-model-name: expected at least one argument",
        "m --enforce-eager=true, argument --enforce-eager: ignored explicit argument 'true'",
        "m --no-headless, unrecognized arguments: --no-headless",
        "m -tp4, unrecognized arguments: -tp4",
    })
    void whatItsParserRefusesIsRefusedInItsWords(String line, String expected) {
        assertThat(VllmOptions.refusal(words(line)).orElseThrow())
                .startsWith("usage: vllm serve")
                .contains("vllm serve: error: " + expected);
    }

    @Test
    void anOptionThatWasCutTooShortNamesWhatItCouldBe() {
        assertThat(VllmOptions.refusal(words("m --max-lora 3")).orElseThrow())
                .contains(
                        "ambiguous option: --max-lora could match --max-lora-cls-labels, --max-lora-rank, --max-loras");
    }

    @Test
    void theTaskOfOlderVersionsGetsAHint() {
        assertThat(VllmOptions.refusal(words("m --task embed")).orElseThrow())
                .contains("unrecognized arguments: --task embed", "--runner pooling");
    }
}

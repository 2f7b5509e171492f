package dev.scepsy.planner.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A suggestion names what was meant, or there is none. */
class NearestTest {

    private static final List<String> GPUS =
            List.of("A100-SXM-80GB", "H100-SXM-80GB", "H100-PCIe-80GB", "H200-SXM-141GB", "L4-24GB", "L40S-48GB");
    private static final List<String> VERBS =
            List.of("shares", "predict", "plan", "engine", "profile", "simulate", "render", "apply", "status", "init");

    @ParameterizedTest
    @CsvSource({
        "H100, H100-PCIe-80GB or H100-SXM-80GB",
        "NVIDIA-H100-80GB-HBM3, H100-PCIe-80GB or H100-SXM-80GB",
        "NVIDIA L4, L4-24GB",
        "h100-sxm-80gb, H100-SXM-80GB",
        "H200-SXM-141G, H200-SXM-141GB"
    })
    void aProductIsFoundInItsLongerAndShorterNames(String written, String meant) {
        assertThat(Nearest.to(written, GPUS)).contains(meant);
    }

    @Test
    void anotherProductOfTheSameSizeIsNotSuggested() {
        assertThat(Nearest.to("B300-SXM-80GB", GPUS)).isEmpty();
        assertThat(Nearest.to("MI300X", GPUS)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"gpt-oss, gpt-oss-120b or gpt-oss-20b", "llama3.1, Llama-3.1-70B or Llama-3.1-8B", "4090, RTX-4090-24GB"
    })
    void aPartOfANameIsFound(String written, String meant) {
        assertThat(Nearest.to(
                        written,
                        List.of("gpt-oss-20b", "gpt-oss-120b", "Llama-3.1-8B", "Llama-3.1-70B", "RTX-4090-24GB")))
                .contains(meant);
    }

    @ParameterizedTest
    @CsvSource({"plann, plan", "aply, apply", "stauts, status"})
    void aMistypedVerbIsFound(String written, String meant) {
        assertThat(Nearest.to(written, VERBS)).contains(meant);
    }

    @Test
    void anotherWordIsNotSuggested() {
        assertThat(Nearest.to("serve", VERBS)).isEmpty();
        assertThat(Nearest.to("x".repeat(1_000_000), VERBS)).isEmpty();
    }
}

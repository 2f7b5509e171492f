package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerImageTest {

    private static final String DIGEST = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    @ParameterizedTest
    @ValueSource(
            strings = {
                ServingOptions.DEFAULT_IMAGE,
                "lmsysorg/sglang:v0.5.18",
                "registry.example.com:5000/team/vllm:v0.32.0",
                "localhost:5000/vllm:1",
                "vllm/vllm-openai" + DIGEST,
                "vllm/vllm-openai:v0.32.0" + DIGEST
            })
    void aTagOrADigestSaysWhichImageItIs(String image) {
        assertThat(ContainerImage.problem(image)).isEmpty();
        assertThat(ContainerImage.doubt(image)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"vllm/vllm-openai", "localhost:5000/vllm", "vllm"})
    void withoutEitherItIsRefused(String image) {
        assertThat(ContainerImage.problem(image).orElseThrow())
                .startsWith("The image (" + image + ") must have a tag or a digest");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "vllm/vllm-openai:", "a b:1", "https://example.com/vllm:1", "vllm/VLLM:1"})
    void whatIsNoNameIsRefused(String image) {
        assertThat(ContainerImage.problem(image).orElseThrow()).startsWith("The image (" + image + ") must be a name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vllm/vllm-openai:latest", "localhost:5000/vllm:latest"})
    void theLatestOneIsDoubtful(String image) {
        assertThat(ContainerImage.problem(image)).isEmpty();
        assertThat(ContainerImage.doubt(image).orElseThrow()).contains("is another one after each release");
    }
}

package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.OptionalDouble;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class IntentJsonTest {

    private static Intent intent(OptionalDouble costPerHour) {
        GpuType type = new GpuType(Plans.A100.name(), 80, costPerHour);
        Cluster cluster = new Cluster(List.of(new Rack("rack-1", List.of(new Node("node-1", type, 2, 2, Plans.MPS)))));
        Plans plans = new Plans().with("critic", 0.4, 1, "node-1:0", "node-1:1");
        return Intent.of(plans.plan(), plans.models(), cluster, ServingOptions.DEFAULT);
    }

    @Test
    void readsWhatItWrote() {
        Intent intent = intent(OptionalDouble.empty());
        assertThat(IntentJson.read(IntentJson.write(intent))).isEqualTo(intent);
    }

    @Test
    void keepsEverythingButWhatTheGpusCost() {
        assertThat(IntentJson.read(IntentJson.write(intent(OptionalDouble.of(2.5)))))
                .isEqualTo(intent(OptionalDouble.empty()));
    }

    @Test
    void readsWhatAnEarlierVersionWroteBeforeGpusCouldBeHeldByOthers() throws IOException {
        Intent intent = intent(OptionalDouble.empty());
        assertThat(without(intent, "\"occupied\":\\[]")).isEqualTo(intent);
    }

    @Test
    void whatAnEarlierVersionDidNotSayOfWeightsIsUnknown() throws IOException {
        Intent read = without(intent(OptionalDouble.empty()), "\"(source|weightsGiB|layers)\":[^,}]+");
        assertThat(read.specs()).singleElement().satisfies(spec -> {
            assertThat(spec.source()).isEmpty();
            assertThat(spec.weightsGiB()).isZero();
            assertThat(spec.layers()).isZero();
        });
        assertThat(read.engines()).isEqualTo(intent(OptionalDouble.empty()).engines());
    }

    /** What is read of {@code intent} when a version that knew no such {@code field} wrote it. */
    private static Intent without(Intent intent, String field) throws IOException {
        byte[] packed = Base64.getDecoder().decode(IntentJson.write(intent));
        String text = new String(
                new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes(), StandardCharsets.UTF_8);
        assertThat(text).containsPattern(field);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.replaceAll(",?" + field, "").getBytes(StandardCharsets.UTF_8));
        }
        return IntentJson.read(Base64.getEncoder().encodeToString(bytes.toByteArray()));
    }
}

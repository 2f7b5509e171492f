package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which engine a Deployment is, by its annotations. */
class EngineIdentityTest {

    private static final Intent INTENT = Intent.of(
            new Plans().with("critic", 1, 2, "node-1:0,1").plan(),
            List.of(Plans.model("critic")),
            Plans.cluster(1, 4, Plans.MPS),
            ServingOptions.DEFAULT);

    private static Deployment deployment() {
        return Manifests.of(INTENT).deployments().get(0);
    }

    @Test
    void whatIsRenderedIsReadBack() {
        assertThat(EngineIdentity.of(deployment())).contains(INTENT.engines().get(0));
    }

    @ParameterizedTest
    @CsvSource({
        "scepsy.dev/tensor-parallel, -1",
        "scepsy.dev/tensor-parallel, 0",
        "scepsy.dev/tensor-parallel, two",
        "scepsy.dev/memory-gib-per-gpu, NaN",
        "scepsy.dev/memory-gib-per-gpu, -3",
        "scepsy.dev/gpus, -1",
        "scepsy.dev/gpus, '0,1,2,3,4'",
        "scepsy.dev/gpu-fraction-exact, 1/0"
    })
    void whatNoVersionHasWrittenIsNobodysEngine(String annotation, String value) {
        Deployment damaged = new DeploymentBuilder(deployment())
                .editMetadata()
                .addToAnnotations(annotation, value)
                .endMetadata()
                .build();

        assertThat(EngineIdentity.of(damaged)).isEmpty();
    }
}

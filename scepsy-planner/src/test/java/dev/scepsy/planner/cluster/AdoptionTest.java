package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.topology.HostNeed;
import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.EngineShape;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AdoptionTest {

    private static Intent intent(ServingOptions options) {
        Plans plans = new Plans().with("generator", 0.5, 1, "node-1:0", "node-1:1");
        return Intent.of(plans.plan(), plans.models(), Plans.cluster(1, 2, Plans.MPS), options);
    }

    /** {@code engine} as another version, which digests otherwise, started it with {@code options}. */
    private static LiveEngines.Group runs(Engine engine, String revision, ServingOptions options) {
        Intent intent = intent(options);
        EngineShape shape = engine.shape();
        EngineShape named =
                new EngineShape(shape.gpuFraction(), shape.tensorParallel(), shape.memoryGiBPerGpu(), revision);
        Engine running = new Engine(engine.model(), named, engine.node(), engine.gpus());
        EngineSpec spec = intent.specs().get(0).withShape(named);
        String template = Manifests.of(intent.with(List.of(spec), List.of(running)))
                .deployment(running, 1)
                .getMetadata()
                .getAnnotations()
                .get(Names.TEMPLATE);
        return new LiveEngines.Group(
                running, "d", 1, template, "", List.of(), HostNeed.NONE, Optional.empty(), Optional.empty());
    }

    @Test
    void anEngineWhosePodIsTheWantedOneStaysWhateverItsDigest() {
        Intent wanted = intent(ServingOptions.DEFAULT);
        LiveEngines.Group former = runs(wanted.engines().get(0), "former", ServingOptions.DEFAULT);

        Intent adopted = Adoption.adopted(wanted, new LiveEngines(List.of(former), List.of()));

        assertThat(adopted.engines())
                .containsExactly(former.engine(), wanted.engines().get(1));
        assertThat(adopted.knows(former.engine())).isTrue();
        assertThat(Adoption.olderPods(adopted, new LiveEngines(List.of(former), List.of())))
                .isEmpty();
    }

    @Test
    void anEngineOfOtherSettingsIsAnother() {
        Intent wanted = intent(ServingOptions.DEFAULT.withDeadlines(0, 60));
        LiveEngines.Group former = runs(wanted.engines().get(0), "former", ServingOptions.DEFAULT);

        assertThat(Adoption.adopted(wanted, new LiveEngines(List.of(former), List.of())))
                .isEqualTo(wanted);
    }

    @Test
    void anEngineWithTheWantedDigestAndOtherPodsStaysAndIsTold() {
        Intent wanted = intent(ServingOptions.DEFAULT);
        Engine engine = wanted.engines().get(0);
        LiveEngines.Group older = runs(engine, engine.shape().revision(), ServingOptions.DEFAULT.withImage("other:1"));
        LiveEngines live = new LiveEngines(List.of(older), List.of());

        assertThat(Adoption.adopted(wanted, live)).isEqualTo(wanted);
        assertThat(Adoption.olderPods(wanted, live).orElseThrow())
                .contains("generator (f=0.5 t=1) on node-1 GPU 0", "at their next start");
    }
}

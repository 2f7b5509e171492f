package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.router.RouterKind;
import dev.scepsy.planner.router.RouterSettings;
import dev.scepsy.planner.topology.Sharing;
import dev.scepsy.planner.topology.Sharing.Mode;
import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.EngineShape;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every setting that changes a pod changes the engine's digest, and no other does. */
class EngineRevisionTest {

    private static final Map<String, Sharing> SHARINGS = new LinkedHashMap<>();

    static {
        SHARINGS.put("none", new Sharing.Exclusive());
        SHARINGS.put("mps", Plans.MPS);
        SHARINGS.put("time-slicing", new Sharing.Grid(Mode.TIME_SLICING, GpuFraction.of(0.1), false));
        SHARINGS.put("hami", new Sharing.Grid(Mode.HAMI, GpuFraction.of(0.1), false));
        SHARINGS.put("kai", new Sharing.Grid(Mode.KAI, GpuFraction.of(0.1), false));
        SHARINGS.put("dra", new Sharing.Grid(Mode.DRA, GpuFraction.of(0.1), false));
        SHARINGS.put("parts", new Sharing.EqualParts(Mode.MPS, 2, false));
    }

    /** Another value than the default for every component; a component that is missing here fails the test. */
    private static final Map<String, Object> OTHER_OPTIONS = Map.ofEntries(
            Map.entry("namespace", "elsewhere"),
            Map.entry("image", "registry/vllm:v0.32.1"),
            Map.entry("port", 8001),
            Map.entry("loadSeconds", 1234),
            Map.entry("drainSeconds", 77),
            Map.entry("sharedResource", "example.com/part"),
            Map.entry("runtimeClass", "other"),
            Map.entry("kaiQueue", "batch"),
            Map.entry("modelCache", "claim:weights"),
            Map.entry("engines", Map.of("generator", settings("arguments", List.of("--enforce-eager")))),
            Map.entry("gpuUuids", Map.of("node-1", List.of("GPU-0", "GPU-1"))),
            Map.entry("router", RouterSettings.DEFAULT.withKind(RouterKind.ENVOY)));

    private static final Map<String, Object> OTHER_SETTINGS = Map.of(
            "servedFrom", Optional.of("organisation/other"),
            "image", Optional.of("registry/own:1"),
            "task", Optional.of(ServingTask.EMBED),
            "arguments", List.of("--enforce-eager"),
            "kvCacheBytesPerGpu", OptionalLong.of(123_456_789),
            "architecture", Catalogue.builtIn().architecture("Llama-3.1-8B"),
            "cpuCores", OptionalDouble.of(7),
            "hostMemoryGiB", OptionalDouble.of(33),
            "podPatches",
                    PodPatch.read(Map.of("metadata", Map.of("labels", Map.of("team", "search"))), "podTemplate")
                            .patch());

    private static Intent intent(Sharing sharing, double fraction, ServingOptions options) {
        Plans plans = new Plans().with("generator", fraction, 1, "node-1:0");
        return Intent.of(plans.plan(), plans.models(), Plans.cluster(1, 2, sharing), options);
    }

    /** The pod of the plan's engine as it would be if digests named nothing. */
    private static String pod(Intent intent) {
        Engine engine = intent.engines().get(0);
        EngineShape shape = engine.shape();
        EngineShape nameless =
                new EngineShape(shape.gpuFraction(), shape.tensorParallel(), shape.memoryGiBPerGpu(), "same");
        Engine same = new Engine(engine.model(), nameless, engine.node(), engine.gpus());
        Intent renamed = intent.with(List.of(intent.spec(engine).orElseThrow().withShape(nameless)), List.of(same));
        return Manifests.TEXT.asJson(
                Manifests.of(renamed).deployment(same, 1).getSpec().getTemplate());
    }

    private static String revision(Intent intent) {
        return intent.engines().get(0).shape().revision();
    }

    private static double fraction(Sharing sharing) {
        return sharing instanceof Sharing.Exclusive ? 1 : 0.5;
    }

    @TestFactory
    List<DynamicTest> everyOptionThatChangesThePodChangesTheDigest() {
        return Arrays.stream(ServingOptions.class.getRecordComponents())
                .map(component -> DynamicTest.dynamicTest(
                        component.getName(), () -> assertPodAndDigestAgree(component, with(component))))
                .toList();
    }

    @TestFactory
    List<DynamicTest> everyEngineSettingThatChangesThePodChangesTheDigest() {
        return Arrays.stream(EngineSettings.class.getRecordComponents())
                .map(component -> DynamicTest.dynamicTest(component.getName(), () -> {
                    assertThat(OTHER_SETTINGS).containsKey(component.getName());
                    EngineSettings changed = settings(component.getName(), OTHER_SETTINGS.get(component.getName()));
                    assertPodAndDigestAgree(
                            component, ServingOptions.DEFAULT.withEngines(Map.of("generator", changed)));
                }))
                .toList();
    }

    private static void assertPodAndDigestAgree(RecordComponent component, ServingOptions changed) {
        boolean isPlace = component.getName().equals("gpuUuids");
        SHARINGS.forEach((name, sharing) -> {
            Intent usual = intent(sharing, fraction(sharing), ServingOptions.DEFAULT);
            Intent other = intent(sharing, fraction(sharing), changed);
            boolean sameDigest = revision(usual).equals(revision(other));
            if (isPlace) {
                assertThat(sameDigest)
                        .as("UUIDs are a place, on a node with %s", name)
                        .isTrue();
            } else {
                assertThat(sameDigest)
                        .as("%s on a node with %s", component.getName(), name)
                        .isEqualTo(pod(usual).equals(pod(other)));
            }
        });
    }

    @Test
    void nodesThatShareTheirGpusDifferentlyHaveOtherEngines() {
        for (double fraction : new double[] {0.5, 1}) {
            SHARINGS.forEach((name, one) -> SHARINGS.forEach((otherName, two) -> {
                boolean fits =
                        !(one instanceof Sharing.EqualParts || two instanceof Sharing.EqualParts) || fraction == 0.5;
                boolean comparable = Engine.gpusArePicked(
                                Plans.cluster(1, 1, one).nodes().get(0))
                        == Engine.gpusArePicked(Plans.cluster(1, 1, two).nodes().get(0));
                boolean allowed = one.allows(GpuFraction.of(fraction)) && two.allows(GpuFraction.of(fraction));
                if (fits && comparable && allowed) {
                    Intent first = intent(one, fraction, ServingOptions.DEFAULT);
                    Intent second = intent(two, fraction, ServingOptions.DEFAULT);
                    assertThat(revision(first).equals(revision(second)))
                            .as("%s and %s at f=%s", name, otherName, fraction)
                            .isEqualTo(pod(first).equals(pod(second)));
                }
            }));
        }
    }

    @Test
    void usualSettingsAddNothingSoThatEnginesOfEarlierVersionsStay() {
        // as the version before named them
        assertThat(revision(intent(new Sharing.Exclusive(), 1, ServingOptions.DEFAULT)))
                .isEqualTo(FORMER_WHOLE);
        assertThat(revision(intent(Plans.MPS, 0.5, ServingOptions.DEFAULT))).isEqualTo(FORMER_HALF);
    }

    private static final String FORMER_WHOLE = "3395dc913cb0";
    private static final String FORMER_HALF = "0941f9bfa426";

    private static ServingOptions with(RecordComponent component) {
        assertThat(OTHER_OPTIONS).containsKey(component.getName());
        return changed(ServingOptions.DEFAULT, component.getName(), OTHER_OPTIONS.get(component.getName()));
    }

    private static EngineSettings settings(String component, Object value) {
        return changed(EngineSettings.DEFAULT, component, value);
    }

    /** A copy of {@code record} with one component changed. */
    private static <T extends Record> T changed(T record, String name, Object value) {
        try {
            @SuppressWarnings("unchecked")
            Class<T> type = (Class<T>) record.getClass();
            RecordComponent[] components = type.getRecordComponents();
            Object[] values = new Object[components.length];
            Class<?>[] types = new Class<?>[components.length];
            for (int i = 0; i < components.length; i++) {
                types[i] = components[i].getType();
                values[i] = components[i].getName().equals(name)
                        ? value
                        : components[i].getAccessor().invoke(record);
            }
            return type.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
    }
}

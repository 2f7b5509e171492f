package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.FeedForward;
import dev.scepsy.planner.profile.LayerGroup;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.profile.TokenMixer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The simulated cache of models whose layers are not all alike. */
class HybridCacheTest {

    private static final FeedForward DENSE = new FeedForward.Dense(17408, true);

    /** Sixteen layers of attention and 48 with a state, as Qwen3.5-27B has them. */
    private static ModelArchitecture linear() {
        TokenMixer attention = new TokenMixer.Attention(24, 4, 256, 256, OptionalInt.empty(), true, true, true, false);
        TokenMixer state = new TokenMixer.Recurrent(
                TokenMixer.Recurrent.Kind.GATED_DELTA, 16, 116_000_000, 48L * 128 * 128, 4, 10240 * 3);
        return model(List.of(
                new LayerGroup(16, List.of(attention), DENSE, 0), new LayerGroup(48, List.of(state), DENSE, 0)));
    }

    /** Full layers with few wide heads, windowed ones with many. */
    private static ModelArchitecture windowed() {
        TokenMixer full = new TokenMixer.Attention(24, 4, 192, 128, OptionalInt.empty(), true, true, false, false);
        TokenMixer window = new TokenMixer.Attention(24, 8, 192, 128, OptionalInt.of(128), true, true, false, false);
        return model(
                List.of(new LayerGroup(4, List.of(full), DENSE, 0), new LayerGroup(20, List.of(window), DENSE, 0)));
    }

    private static ModelArchitecture model(List<LayerGroup> groups) {
        return new ModelArchitecture(
                "made up",
                ModelArchitecture.Kind.DENSE,
                5120,
                150_000,
                groups,
                0,
                0,
                0,
                false,
                OptionalInt.of(262_144),
                Optional.empty(),
                Optional.empty());
    }

    private static EngineSetup setup(ModelArchitecture model) {
        return EngineSetup.of(model, Catalogue.builtIn().gpu("H100-SXM-80GB").orElseThrow(), Precision.BF16, 1);
    }

    private static int mostAtOnce(EngineSetup setup, int requests, int input, int output) {
        EngineCore engine = new EngineCore(new EngineModel(setup, EngineCoefficients.builtIn()));
        for (int id = 0; id < requests; id++) {
            engine.submit(id, input, output, 0);
        }
        int most = 0;
        while (engine.nextStepEndSeconds().isPresent()) {
            engine.completeStep();
            most = Math.max(most, engine.running());
        }
        assertThat(engine.kvCacheUsage()).isZero();
        return most;
    }

    @Test
    void asManySequencesRunAsCacheAndStateTogetherLeaveRoomFor() {
        EngineSetup setup = setup(linear());
        double oneRequest = setup.memoryBytesOfRequest(32_320);
        assertThat(oneRequest).isCloseTo(65_536.0 * 32_320 + 48 * (48.0 * 128 * 128 * 4 + 61_440), within(1.0));
        int fitting = (int) (setup.kvBytesPerGpu() / oneRequest);
        assertThat(mostAtOnce(setup, 20, 32_000, 320)).isBetween(fitting - 1, fitting);
        // short requests: the state is what fills the memory
        int withOneBlock = (int) (setup.kvBytesPerGpu() / setup.memoryBytesOfRequest(16));
        int withTwo = (int) (setup.kvBytesPerGpu() / setup.memoryBytesOfRequest(32));
        assertThat(mostAtOnce(setup, 400, 16, 16)).isBetween(withTwo - 1, withOneBlock);
    }

    @Test
    void windowedLayersOfOtherHeadsKeepTheirWindowOnly() {
        EngineSetup setup = setup(windowed());
        ModelArchitecture model = setup.architecture();
        assertThat(model.kvBytes(100_000, 1, Precision.BF16))
                .isEqualTo(4.0 * 4 * 320 * 2 * 100_000 + 20.0 * 8 * 320 * 2 * 128);
        KvCache cache = new KvCache(setup);
        long atOnce = cache.unitsFor(100_000);
        long later = cache.unitsFor(116_000);
        // beyond the window a thousand more blocks take the four full layers' share only
        assertThat(later - atOnce).isEqualTo(1000 * cache.fullUnits());
        assertThat((double) cache.windowedUnits() / cache.fullUnits()).isEqualTo(10);
    }

    @Test
    void blocksThatTheEngineReportedHoldStatesToo() {
        EngineSetup setup = setup(linear()).withLimits(256, 8192, OptionalInt.of(10_000));
        double stateBlocks = setup.architecture().stateBytesPerSequence(1) / (16 * 65_536.0);
        assertThat(setup.requestsThatFit(1600)).isCloseTo(10_000 / (100 + stateBlocks), within(1e-9));
    }
}

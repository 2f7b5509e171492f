package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.profile.AloneCurve;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.MeasuredCurve;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.simulate.Simulation.Load;
import dev.scepsy.planner.simulate.Simulation.Options;
import dev.scepsy.planner.simulate.Simulation.Replica;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Replicas that were measured alone, simulated beside each other and beside engines. */
class AloneReplicasTest {

    private static final int INPUT = 300;
    private static final int OUTPUT = 150;

    private static final EngineSetup HALF = EngineSetup.of(
                    Catalogue.builtIn().architecture("Llama-3.1-8B").orElseThrow(),
                    Catalogue.builtIn().gpu("A100-SXM-80GB").orElseThrow(),
                    Precision.BF16,
                    1)
            .withGpuFraction(0.5);

    private static final EngineModel ENGINE = new EngineModel(HALF, EngineCoefficients.builtIn());

    private static Load load(String model, double rate) {
        ExecutionScript script = new ExecutionScript(
                model, List.of(new CallScript(Optional.of(model), INPUT, OUTPUT, 0, List.of(), 0)), 0);
        return new Load(model, rate, random -> script);
    }

    private static double mean(Map<String, List<Replica>> replicas, double rate) {
        List<Load> loads =
                replicas.keySet().stream().map(model -> load(model, rate)).toList();
        return Simulation.run(replicas, loads, new Options(600, 60, 7, Routing.LEAST_LOADED))
                .models()
                .get(0)
                .meanCallSeconds();
    }

    private static AloneCurve measuredAlone() {
        List<MeasuredCurve.Point> points = new ArrayList<>();
        for (double rate : new double[] {0.02, 1, 2, 4, 6, 8}) {
            points.add(new MeasuredCurve.Point(
                    rate, mean(Map.of("a", List.of(new Replica.Engine(ENGINE, List.of("x")))), rate)));
        }
        MeasuredCurve curve = MeasuredCurve.of(points, OptionalDouble.of(9), HALF.memoryGiBPerGpu());
        return AloneCurve.of(curve, HALF, EngineCoefficients.builtIn(), INPUT, OUTPUT, false);
    }

    @ParameterizedTest
    @CsvSource({"1", "3", "5"})
    void onOneCardTheyAreAsSlowAsEnginesOnOneCard(double rate) {
        AloneCurve measured = measuredAlone();
        List<String> card = List.of("x");
        double engines = mean(
                Map.of("a", List.of(new Replica.Engine(ENGINE, card)), "b", List.of(new Replica.Engine(ENGINE, card))),
                rate);
        double curves = mean(
                Map.of(
                        "a",
                        List.of(new Replica.Alone(measured, card)),
                        "b",
                        List.of(new Replica.Alone(measured, card))),
                rate);
        double mixed = mean(
                Map.of("a", List.of(new Replica.Engine(ENGINE, card)), "b", List.of(new Replica.Alone(measured, card))),
                rate);
        double alone = mean(Map.of("a", List.of(new Replica.Engine(ENGINE, card))), rate);
        assertThat(engines).isGreaterThan(1.1 * alone);
        assertThat(curves).isCloseTo(engines, within(0.06 * engines));
        assertThat(mixed).isCloseTo(engines, within(0.06 * engines));
    }

    @Test
    void onCardsOfTheirOwnTheyFollowTheirCurve() {
        AloneCurve measured = measuredAlone();
        double apart = mean(
                Map.of(
                        "a",
                        List.of(new Replica.Alone(measured, List.of("x"))),
                        "b",
                        List.of(new Replica.Alone(measured, List.of("y")))),
                3);
        double plain = mean(Map.of("a", List.of(new Replica.Curve(measured.alone()))), 3);
        assertThat(apart).isCloseTo(plain, within(0.01 * plain));
    }
}

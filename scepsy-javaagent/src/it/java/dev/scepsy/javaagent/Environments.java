package dev.scepsy.javaagent;

import dev.scepsy.javaagent.Environment.Condition;
import dev.scepsy.javaagent.Environment.Launch;
import dev.scepsy.javaagent.Environment.Sampling;
import dev.scepsy.javaagent.Environment.Telemetry;
import dev.scepsy.javaagent.Environment.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Which environments are run. */
final class Environments {

    private static final List<Integer> JDKS = List.of(17, 21, 25);

    private Environments() {}

    /**
     * Twelve that hold every pair of values: four ways to launch times three kinds of telemetry, the rest by sums modulo their
     * number of values. Spring Boot's two loaders and the three places of the OpenTelemetry agent take turns.
     */
    static List<Environment> pairwise() {
        List<Environment> rows = new ArrayList<>();
        for (int launch = 0; launch < 4; launch++) {
            for (int telemetry = 0; telemetry < 3; telemetry++) {
                rows.add(new Environment(
                        launch(launch, telemetry),
                        telemetry(launch, telemetry),
                        (launch + telemetry) % 2 == 0 ? 17 : 25,
                        Sampling.values()[(launch + telemetry) % 3],
                        Threads.values()[(launch + telemetry / 2) % 2],
                        Condition.values()[(launch + 2 * telemetry) % 3]));
            }
        }
        return rows;
    }

    private static Launch launch(int number, int telemetry) {
        return switch (number) {
            case 0 -> Launch.CLASS_PATH;
            case 1 -> telemetry == 1 ? Launch.SPRING_BOOT_3_JAR : Launch.SPRING_BOOT_4_JAR;
            case 2 -> Launch.TOMCAT_WAR;
            default -> Launch.MODULE_PATH;
        };
    }

    private static Telemetry telemetry(int launch, int number) {
        return switch (number) {
            case 0 -> Telemetry.NONE;
            case 1 -> Telemetry.OWN_SDK;
            default ->
                launch == 0 ? Telemetry.OUR_EXTENSION : launch == 1 ? Telemetry.AGENT_AFTER : Telemetry.AGENT_BEFORE;
        };
    }

    /** Every launch with every telemetry on every JDK, newer ones that a variable names too; the other dimensions take turns. */
    static List<Environment> all() {
        List<Environment> rows = new ArrayList<>();
        int turn = 0;
        List<Integer> jdks = Stream.concat(JDKS.stream(), Jdks.named().stream())
                .distinct()
                .sorted()
                .toList();
        for (int jdk : jdks) {
            for (Launch launch : Launch.values()) {
                for (Telemetry telemetry : Telemetry.values()) {
                    Environment row = new Environment(
                            launch,
                            telemetry,
                            jdk,
                            Sampling.values()[turn % 3],
                            Threads.values()[turn / 3 % 2],
                            Condition.values()[(turn + turn / 5) % 3]);
                    rows.add(row.isPossible() ? row : row.with(Condition.STRANGER));
                    turn++;
                }
            }
        }
        return rows;
    }
}

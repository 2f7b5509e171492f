package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.measure.Curve;
import dev.scepsy.planner.measure.RatePoint;
import dev.scepsy.planner.stat.ReadableNumber;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** What {@code scepsy profile} prints: a line per rate on standard error as it is measured, the summary on standard output. */
final class ProfileTable {

    private static final String LINE = "%10s %10s %9s %9s %9s %10s %9s %7s  %s%n";

    private final Terminal terminal;
    private final List<RatePoint> points = new ArrayList<>();

    ProfileTable(Terminal terminal) {
        this.terminal = terminal;
    }

    void header(String replica, String lengths) {
        PrintWriter err = terminal.err();
        err.println("Measuring " + replica + " with " + lengths + ".");
        err.printf(
                Locale.ROOT,
                LINE,
                "offered/s",
                "achieved/s",
                "mean s",
                "p95 s",
                "first s",
                "per tok ms",
                "in flight",
                "errors",
                "");
        err.flush();
    }

    void row(RatePoint point) {
        points.add(point);
        PrintWriter err = terminal.err();
        err.printf(
                Locale.ROOT,
                LINE,
                point.offeredPerSecond() == 0 ? "one by one" : number(point.offeredPerSecond()),
                number(point.achievedPerSecond()),
                measured(point, point.meanLatencySeconds()),
                measured(point, point.p95LatencySeconds()),
                number(point.meanFirstTokenSeconds(), 1),
                number(point.meanPerTokenSeconds(), 1e3),
                number(point.requestsInFlight()),
                point.failed() == 0 ? "0" : String.format(Locale.ROOT, "%.1f%%", 100 * point.errorRate()),
                point.verdict());
        err.flush();
    }

    void summary(MeasuredProfile profile, Curve curve, List<String> notes, Path file) {
        PrintWriter out = terminal.out();
        if (terminal.json()) {
            out.print(Json.object(json -> {
                json.field("model", profile.key().model())
                        .field("gpu", profile.key().gpu())
                        .field("tensorParallel", profile.key().tensorParallel())
                        .field("gpuFraction", profile.key().gpuFraction().toDouble())
                        .fieldOrNull("saturationRequestsPerSecond", curve.saturationRequestsPerSecond())
                        .fieldOrNull("overloadedPerSecond", curve.overloadedPerSecond())
                        .field("saturationIsLowerBound", curve.saturationIsLowerBound())
                        .field("done", curve.done())
                        .field("inputTokens", curve.inputTokens())
                        .field("outputTokens", curve.outputTokens())
                        .objects("points", points, ProfileState::write)
                        .objects("notes", notes, (item, note) -> item.field("message", note))
                        .field("out", file.toString());
            }));
        } else {
            notes.forEach(note -> terminal.err().println("note: " + note));
            terminal.err().flush();
            out.println(MeasuredReplica.described(profile.key()) + " sustains "
                    + number(curve.saturationRequestsPerSecond().orElse(0)) + " requests/s"
                    + (curve.overloadedPerSecond().isPresent()
                            ? " and not " + number(curve.overloadedPerSecond().getAsDouble())
                            : " at least")
                    + String.format(
                            Locale.ROOT,
                            ", with %.0f input and %.0f output tokens. ",
                            curve.inputTokens(),
                            curve.outputTokens())
                    + curve.points().size() + " points written to " + file + ".");
        }
        out.flush();
    }

    static String number(double value) {
        return value == 0 || (value >= 0.01 && value < 1000)
                ? String.format(Locale.ROOT, value < 10 ? "%.3f" : "%.2f", value)
                : ReadableNumber.of(value, 4);
    }

    /** Where no request was answered there is no latency. */
    private static String measured(RatePoint point, double seconds) {
        return point.failed() == point.requests() ? "-" : number(seconds);
    }

    private static String number(OptionalDouble value, double unit) {
        return value.isPresent() ? number(value.getAsDouble() * unit) : "-";
    }
}

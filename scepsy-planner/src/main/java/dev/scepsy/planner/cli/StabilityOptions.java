package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.share.Stability;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that ask how stable shares are: {@code @Mixin StabilityOptions stability}. */
final class StabilityOptions {

    @Option(
            names = "--stability",
            description = "Report how much steadier the shares are than the times, since when they are stable, and"
                    + " how many more executions --precision needs.")
    private boolean asked;

    @Option(
            names = "--precision",
            paramLabel = "PART",
            defaultValue = "0.02",
            description = "Wanted precision of the shares, absolute (default: ${DEFAULT-VALUE}).")
    private double precision = Stability.DEFAULT_PRECISION;

    @Option(
            names = "--stability-out",
            paramLabel = "FOLDER",
            description = "Folder for stability.json and one chart per workflow (stability-1.svg ...); implies"
                    + " --stability.")
    private @Nullable Path folder;

    boolean isAsked() {
        return asked || folder != null;
    }

    boolean isPrecise() {
        return precision > 0 && precision < 1;
    }

    double precision() {
        return precision;
    }

    /** Prints and writes what was asked for. */
    void report(List<Stability> stabilities, boolean json, PrintWriter out) throws IOException {
        if (!json) {
            stabilities.forEach(each -> print(each, out));
        }
        if (folder != null) {
            Files.createDirectories(folder);
            WholeFile.write(folder.resolve("stability.json"), StabilityJson.of(stabilities));
            for (int i = 0; i < stabilities.size(); i++) {
                WholeFile.write(folder.resolve("stability-" + (i + 1) + ".svg"), StabilityChart.of(stabilities.get(i)));
            }
        }
    }

    private static void print(Stability stability, PrintWriter out) {
        out.println();
        out.println("stability of workflow " + stability.workflow() + ", "
                + Counted.of(stability.executions(), "execution", "executions"));
        stability
                .steadiness()
                .ifPresent(factor -> out.println(String.format(
                        Locale.ROOT,
                        "  shares are %.1f times as steady as times (end to end varies by %.0f %%)",
                        factor,
                        100 * stability.endToEndVariation())));
        for (Stability.Model model : stability.models()) {
            out.println(String.format(
                    Locale.ROOT,
                    "  %s: share %.1f %% %s; its time varies by %.0f %%, its share by %.0f %%",
                    model.model(),
                    100 * model.share(),
                    Double.isFinite(model.halfWidth())
                            ? String.format(Locale.ROOT, "± %.1f", 100 * model.halfWidth())
                            : "(one execution: no band)",
                    100 * model.timeVariation(),
                    100 * model.shareVariation()));
        }
        out.println(
                stability.stableSince().isPresent()
                        ? "  stable since execution " + stability.stableSince().getAsInt() + " ("
                                + Instant.ofEpochSecond(
                                        0, stability.stableSinceEpochNanos().orElse(0)) + "): within ± "
                                + percent(stability.precision()) + " of the last value from there on"
                        : "  not stable yet: shares moved by more than ± " + percent(stability.precision())
                                + " in the last fifth of the executions, or these are fewer than ten");
        stability
                .moreExecutions()
                .ifPresent(more -> out.println(
                        more == 0
                                ? "  precise to ± " + percent(stability.precision()) + ": no more executions are needed"
                                : "  for ± " + percent(stability.precision()) + " some " + more
                                        + " more executions are needed"));
    }

    private static String percent(double part) {
        return String.format(Locale.ROOT, "%.1f percentage points", 100 * part);
    }
}

package dev.scepsy.planner.cli;

import dev.scepsy.planner.planning.LinkEfficiency;
import dev.scepsy.planner.stat.ReadableNumber;
import java.util.Locale;

/** What tensor-parallel groups of a plan are taken to lose to their links, in a sentence. */
final class ParallelEfficiency {

    private ParallelEfficiency() {}

    static String sentence(LinkEfficiency group) {
        String links = group.measured()
                .map(measured -> "measured links, " + ReadableNumber.of(measured.latencySeconds() * 1e6, 3) + " us and "
                        + ReadableNumber.of(measured.busBytesPerSecond() / 1e9, 3) + " GB/s")
                .orElseGet(() -> (group.nvlink() ? "NVLink" : "PCIe") + " of "
                        + ReadableNumber.of(group.dataSheetGBps(), 3)
                        + " GB/s by its data sheet; measure yours: all_reduce_perf, then scepsy profile import");
        return String.format(
                Locale.ROOT,
                "%s t=%d on %s: %.0f %% of a step is work, the rest all-reduce (%s)",
                group.allocation().model(),
                group.allocation().tensorParallel(),
                group.allocation().gpu(),
                100 * group.workPart(),
                links);
    }
}

package dev.scepsy.planner.cli;

import dev.scepsy.planner.benchmark.NcclTests;
import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.TextFile;
import dev.scepsy.planner.stat.ReadableNumber;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What outputs of {@code all_reduce_perf}, one per number of GPUs, say of a GPU type's links: an entry of {@code cluster.yaml}. */
final class MeasuredLinks {

    private static final int DIGITS = 4;

    private final Map<Integer, NcclTests> byGpus = new TreeMap<>();
    private final List<Problem> problems = new ArrayList<>();

    private MeasuredLinks() {}

    /** Whether the first file is such an output; the others have to be then. */
    static boolean are(List<Path> files) {
        try {
            return NcclTests.wrote(TextFile.read(files.get(0)));
        } catch (TextFile.Unreadable e) {
            return false;
        }
    }

    static MeasuredLinks read(List<Path> files) {
        MeasuredLinks links = new MeasuredLinks();
        files.forEach(links::read);
        return links;
    }

    private void read(Path file) {
        String name = file.toString();
        try {
            String text = TextFile.read(file);
            if (!NcclTests.wrote(text)) {
                problems.add(new Problem(
                        name,
                        "",
                        0,
                        0,
                        "This is no output of all_reduce_perf, as the first file is. Import them apart."));
                return;
            }
            NcclTests tests = NcclTests.read(name, text);
            problems.addAll(tests.problems());
            if (tests.problems().isEmpty() && byGpus.putIfAbsent(tests.gpus(), tests) != null) {
                problems.add(new Problem(
                        name,
                        "",
                        0,
                        0,
                        "Another file was measured with " + tests.gpus() + " GPUs, too. Give one each."));
            }
        } catch (TextFile.Unreadable e) {
            problems.add(new Problem(name, "", e.line(), Math.min(1, e.line()), e.sentence()));
        }
    }

    List<Problem> problems() {
        return problems;
    }

    /** The entry for {@code gpu}, to be put into {@code cluster.yaml}. */
    String yaml(String gpu) {
        StringBuilder text = new StringBuilder(
                "# for cluster.yaml, beside its racks\ngpuTypes:\n  - name: " + gpu + "\n    allReduce:\n");
        byGpus.forEach((gpus, tests) -> text.append("      - {gpus: ")
                .append(gpus)
                .append(", latencyMicroseconds: ")
                .append(micros(tests))
                .append(", busGBps: ")
                .append(bus(tests))
                .append("}\n"));
        return text.toString();
    }

    String json(String gpu) {
        return Json.object(json -> json.field("gpu", gpu)
                .objects(
                        "allReduce",
                        byGpus.values(),
                        (item, tests) -> item.field("gpus", tests.gpus())
                                .field("latencyMicroseconds", Double.parseDouble(micros(tests)))
                                .field("busGBps", Double.parseDouble(bus(tests)))));
    }

    private static String micros(NcclTests tests) {
        return ReadableNumber.of(tests.latencySeconds() * 1e6, DIGITS);
    }

    private static String bus(NcclTests tests) {
        return ReadableNumber.of(tests.busBytesPerSecond() / 1e9, DIGITS);
    }
}

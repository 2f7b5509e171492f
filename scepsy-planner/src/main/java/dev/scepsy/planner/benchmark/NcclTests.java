package dev.scepsy.planner.benchmark;

import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.profile.AllReduce;
import dev.scepsy.planner.stat.ReadableNumber;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code all_reduce_perf} of NVIDIA's nccl-tests (2.x, and AMD's rccl-tests) prints: comment lines with the number of GPUs,
 * one per rank, two lines that name the columns and their units, and one line per message size with time, algorithm and bus bandwidth,
 * out of place and in place. Columns differ between versions (with {@code root} or without, {@code #wrong} or {@code error}), so
 * they are found by their names. Older outputs than 2.0 and other collectives are refused. Short messages give the latency (at most
 * {@value #SHORT_BYTES} bytes), long ones (at least {@value #LONG_BYTES}) the bus bandwidth: the middle of each.
 *
 * @param gpus how many took part; 0 where problems say why it is not known
 * @param latencySeconds of short messages
 * @param busBytesPerSecond of long messages
 * @param problems why the output cannot be used, each with its line
 */
public record NcclTests(int gpus, double latencySeconds, double busBytesPerSecond, List<Problem> problems) {

    private static final long SHORT_BYTES = 16_384;
    private static final long LONG_BYTES = 16L << 20;

    /** Times and bandwidths are printed with three digits or more. */
    private static final double TOLERANCE = 0.05;

    /** Below it, in GB/s, two decimals are no three digits. */
    private static final double PRINTED_WELL = 1;

    private static final Pattern GPUS = Pattern.compile("nThreads?:? (\\d+) nGpus:? (\\d+)");
    private static final Pattern RANK = Pattern.compile("^#\\s+Rank\\s+(\\d+).*?\\son\\s+(\\S+)\\s+device");
    private static final Pattern OTHER_TEST = Pattern.compile("Collective test starting: (\\S+)");
    private static final String MEASURE_AGAIN =
            " Measure with: all_reduce_perf -b 8 -e 512M -f 2 -g T, T being the tensorParallel to plan with.";

    public NcclTests {
        problems = List.copyOf(problems);
    }

    /** Whether {@code text} is the output of some test of nccl-tests. */
    public static boolean wrote(String text) {
        return text.contains("nGpus")
                && (text.contains("busbw") || text.contains("minBytes"))
                && !text.stripLeading().startsWith("{");
    }

    /** What {@code text}, the output in {@code file}, says. */
    public static NcclTests read(String file, String text) {
        return new Reader(file).read(text.split("\\R", -1));
    }

    /** As a file writes it. */
    public AllReduce.Link link() {
        return new AllReduce.Link(latencySeconds, busBytesPerSecond);
    }

    /** Reads one output. */
    private static final class Reader {
        private final String file;
        private final List<Problem> problems = new ArrayList<>();
        private final List<Double> latencies = new ArrayList<>();
        private final List<Double> bandwidths = new ArrayList<>();
        private final Set<Integer> ranks = new HashSet<>();
        private final Set<String> hosts = new HashSet<>();
        private int gpus;
        private List<String> columns = List.of();
        private boolean unitsKnown;

        Reader(String file) {
            this.file = file;
        }

        NcclTests read(String[] lines) {
            for (int i = 0; i < lines.length && problems.isEmpty(); i++) {
                String line = lines[i];
                if (line.startsWith("#")) {
                    comment(line, i + 1);
                } else if (line.strip().matches("\\d+\\s+\\d+\\s+[a-z0-9_]+\\s.*")) {
                    row(line.strip().split("\\s+"), i + 1);
                }
            }
            if (!ranks.isEmpty()) {
                gpus = ranks.size();
            }
            if (problems.isEmpty() && hosts.size() > 1) {
                problem(
                        0,
                        "The test ran over " + hosts.size() + " hosts (" + String.join(", ", hosts)
                                + "): a tensor-parallel group stays within one." + MEASURE_AGAIN);
            }
            if (problems.isEmpty() && gpus < 2) {
                problem(0, "The test ran on " + gpus + " GPU: nothing went over a link." + MEASURE_AGAIN);
            }
            if (problems.isEmpty() && (latencies.isEmpty() || bandwidths.isEmpty())) {
                problem(
                        0,
                        "There is no message of at most " + SHORT_BYTES + " bytes, or none of at least " + LONG_BYTES
                                + "." + MEASURE_AGAIN);
            }
            return problems.isEmpty()
                    ? new NcclTests(gpus, middle(latencies) * 1e-6, middle(bandwidths) * 1e9, problems)
                    : new NcclTests(0, 1, 1, problems);
        }

        private void comment(String line, int number) {
            Matcher count = GPUS.matcher(line);
            Matcher rank = RANK.matcher(line);
            Matcher test = OTHER_TEST.matcher(line);
            if (count.find()) {
                gpus = Integer.parseInt(count.group(1)) * Integer.parseInt(count.group(2));
            } else if (rank.find()) {
                ranks.add(Integer.parseInt(rank.group(1)));
                hosts.add(rank.group(2));
            } else if (test.find() && !test.group(1).startsWith("all_reduce_perf")) {
                problem(number, "This is " + test.group(1) + ", not all_reduce_perf." + MEASURE_AGAIN);
            }
            List<String> words = List.of(line.substring(1).strip().split("\\s+"));
            if (words.contains("busbw")) {
                columns = words;
                if (!words.containsAll(List.of("size", "count", "type", "redop", "time", "algbw"))) {
                    problem(
                            number,
                            "These columns (" + String.join(" ", words)
                                    + ") are those of another version: size, count, type,"
                                    + " redop, time, algbw and busbw are needed. nccl-tests 2.0 and later print them.");
                }
            } else if (!columns.isEmpty() && words.contains("(B)")) {
                unitsKnown = words.contains("(us)") && words.contains("(GB/s)");
                if (!unitsKnown) {
                    problem(number, "These units (" + String.join(" ", words) + ") must be (B), (us) and (GB/s).");
                }
            }
        }

        private void row(String[] cells, int number) {
            if (columns.isEmpty() || !unitsKnown) {
                problem(
                        number,
                        "The two lines that name the columns and their units are missing above this one."
                                + " Keep the output whole.");
                return;
            }
            int first = columns.indexOf("time");
            int second = columns.lastIndexOf("time");
            if (cells.length < columns.size()) {
                problem(number, "The line has " + cells.length + " columns, " + columns.size() + " are named above.");
                return;
            }
            side(cells, first, number);
            if (second > first) {
                side(cells, second, number);
            }
        }

        /** Time, algorithm and bus bandwidth and the count of wrong results from column {@code at} on. */
        private void side(String[] cells, int at, int number) {
            double bytes = parsed(cells[0], number);
            double micros = parsed(cells[at], number);
            double algorithm = parsed(cells[at + 1], number);
            double bus = parsed(cells[at + 2], number);
            if (!problems.isEmpty() || bytes == 0) {
                return;
            }
            String wrong = at + 3 < cells.length ? cells[at + 3] : "0";
            if (!wrong.equals("N/A") && !(parsed(wrong, number) < 1e-3)) {
                problem(number, "The results were wrong (" + wrong + "): the links do not work.");
                return;
            }
            int members = ranks.isEmpty() ? gpus : ranks.size();
            double computed = bytes / micros / 1e3;
            if (algorithm >= PRINTED_WELL && off(algorithm, computed)) {
                problem(
                        number,
                        "The time (" + cells[at] + ") and the algbw (" + cells[at + 1] + ") of " + cells[0]
                                + " bytes do not agree in microseconds and GB/s: they would be "
                                + ReadableNumber.of(computed, 4)
                                + " GB/s. Are the units those of nccl-tests?");
            } else if (algorithm >= PRINTED_WELL && members > 1 && off(bus, algorithm * 2 * (members - 1) / members)) {
                problem(
                        number,
                        "The busbw (" + cells[at + 2] + ") is not 2 (t - 1) / t times the algbw (" + cells[at + 1]
                                + ") for " + members + " GPUs: this is no all-reduce." + MEASURE_AGAIN);
            }
            if (bytes <= SHORT_BYTES) {
                latencies.add(micros);
            } else if (bytes >= LONG_BYTES) {
                bandwidths.add(bus);
            }
        }

        private static boolean off(double printed, double expected) {
            return Math.abs(printed - expected) > TOLERANCE * expected;
        }

        private double parsed(String cell, int number) {
            try {
                double value = Double.parseDouble(cell);
                if (value >= 0 && value < 1e15) {
                    return value;
                }
            } catch (NumberFormatException e) {
                // reported below, together with numbers that cannot be
            }
            problem(number, "The value (" + cell + ") must be a number of 0 or more.");
            return 1;
        }

        private static double middle(List<Double> values) {
            double[] ascending =
                    values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            int half = ascending.length / 2;
            return ascending.length % 2 == 1
                    ? ascending[half]
                    : Arrays.stream(ascending, half - 1, half + 1).average().orElse(0);
        }

        private void problem(int line, String message) {
            problems.add(new Problem(file, "", line, Math.min(1, line), message));
        }
    }
}

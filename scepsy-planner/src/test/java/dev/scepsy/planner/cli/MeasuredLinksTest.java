package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outputs of all_reduce_perf become the links that plans are made with. */
class MeasuredLinksTest {

    private static final long[] SIZES = {8, 1024, 16384, 1 << 20, 16 << 20, 64 << 20, 256 << 20};

    @TempDir
    Path folder;

    /** 20 us of latency and 100 GB/s: short messages take 20 us, 16 MiB and more 1.5 x bytes / 100 GB/s longer. */
    @Test
    void latencyIsThatOfShortMessagesAndBandwidthThatOfLongOnes() throws IOException {
        CommandLineRun run = importing("--gpu", "L40S-48GB", output("four.txt", 4, 20, 100, "float", ""));

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("""
                # for cluster.yaml, beside its racks
                gpuTypes:
                  - name: L40S-48GB
                    allReduce:
                      - {gpus: 4, latencyMicroseconds: 20""").contains("busGBps: 9");
        assertThat(number(run.out(), "busGBps")).isBetween(98.0, 100.0);
        assertThat(run.err()).isEmpty();
    }

    @Test
    void severalNumbersOfGpusAndVersionsMakeOneEntry() throws IOException {
        String two = output("two.txt", 2, 10, 200, "half", "ranks");
        Path old = Files.writeString(
                folder.resolve("old.txt"),
                Files.readString(Path.of(output("x.txt", 4, 20, 100, "float", "")))
                        .replace("    root", "")
                        .replace("    -1", "")
                        .replace("#wrong", " error")
                        .replace("      0\n", "  5e-07\n"));

        CommandLineRun run = importing("--gpu", "H100-SXM-80GB", two, old);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("{gpus: 2, latencyMicroseconds: 10", "{gpus: 4, latencyMicroseconds: 20");
        assertThat(importing("--gpu", "H100-SXM-80GB", "--json", two).out()).contains("\"gpus\": 2");
    }

    @Test
    void whatIsNoAllReduceOfThisMachineIsRefusedWithItsLine() throws IOException {
        String good = Files.readString(Path.of(output("good.txt", 4, 20, 100, "float", "ranks")));

        refused(good.replace("(us)", "(ms)"), ":9:1: These units", "must be (B), (us) and (GB/s)");
        refused(good.replace("redop", "op"), ":8:1: These columns", "another version");
        refused(good.replace("all_reduce_perf", "all_gather_perf"), ":1:1: This is all_gather_perf");
        refused(good.replaceAll("(?m)^#.*busbw.*$", "#"), "The two lines that name the columns");
        refused(good.replace("on  node1 device  3", "on  node2 device  3"), "ran over 2 hosts");
        refused(
                good.replaceAll("(?m)^ +8 .*\\n", "")
                        .replaceAll("(?m)^ +1024 .*\\n", "")
                        .replaceAll("(?m)^ +16384 .*\\n", ""),
                "There is no message of at most 16384 bytes");
        refused(good.replaceFirst("(?m)^( *268435456 .*) 0$", "$1 7"), "The results were wrong (7)");
        refused(output1000(good), "do not agree in microseconds and GB/s");
        // a reduce-scatter moves half as much: busbw is (t - 1) / t of algbw
        refused(Files.readString(Path.of(output("half.txt", 4, 20, 100, "float", "scatter"))), "this is no all-reduce");
        refused(good.replace("nGpus 4", "nGpus 1").replaceAll("(?m)^#  Rank +[1-9].*\\n", ""), "ran on 1 GPU");
    }

    @Test
    void theGpuTypeMustBeSaidAndFilesMustBeAlike() throws IOException {
        String good = output("good.txt", 4, 20, 100, "float", "");
        Path other = Files.writeString(folder.resolve("curve.csv"), "requestsPerSecond,meanLatencySeconds\n1,2\n");

        CommandLineRun run = importing(good, good, other);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("--gpu: This option is missing")
                .contains("Another file was measured with 4 GPUs, too")
                .contains("curve.csv: This is no output of all_reduce_perf");
    }

    @Test
    void slowLinksOfOnesOwnChangeTheEfficiencyThatThePlanSays() throws IOException {
        Files.writeString(
                folder.resolve("models.yaml"),
                "models: [{name: chat, architecture: Llama-3.1-70B, maxModelLength: 8192, tensorParallel: [4]}]");
        Files.writeString(folder.resolve("workflows.json"), """
                {"workflows":[{"name":"w","targetPerSecond":0.1,"models":[{"model":"chat","callsPerExecution":1,
                  "inputTokens":{"mean":1000},"outputTokens":{"mean":200}}]}]}
                """);
        String racks = "racks: [{name: r, nodes: [{name: n, gpu: H100-SXM-80GB, gpus: 4}]}]\n";
        String slow = importing("--gpu", "H100-SXM-80GB", output("slow.txt", 4, 60, 12, "float", ""))
                .out();

        CommandLineRun nominal = plan(racks);
        CommandLineRun measured = plan(racks + slow);

        assertThat(nominal.exitCode()).as(nominal.err()).isZero();
        assertThat(measured.exitCode()).as(measured.err()).isZero();
        assertThat(nominal.out()).contains("Tensor parallelism", "chat t=4 on H100-SXM-80GB: ", "NVLink of 450 GB/s");
        assertThat(measured.out()).contains("measured links, 60", "11.9 GB/s");
        assertThat(efficiency(nominal)).isBetween(75.0, 99.0);
        assertThat(efficiency(measured)).isLessThan(efficiency(nominal) - 10);
        assertThat(number(nominal.out(), "latency")).isLessThan(number(measured.out(), "latency"));
    }

    private static double efficiency(CommandLineRun run) {
        Matcher found = Pattern.compile(": (\\d+) % of a step is work").matcher(run.out());
        assertThat(found.find()).isTrue();
        return Double.parseDouble(found.group(1));
    }

    private static double number(String text, String name) {
        Matcher found = Pattern.compile(name + ":? ([0-9.]+)").matcher(text);
        assertThat(found.find()).as(text).isTrue();
        return Double.parseDouble(found.group(1));
    }

    private CommandLineRun plan(String cluster) throws IOException {
        Files.writeString(folder.resolve("cluster.yaml"), cluster);
        return CommandLineRun.of(
                "plan",
                "--cluster",
                folder.resolve("cluster.yaml"),
                "--models",
                folder.resolve("models.yaml"),
                "--workflows",
                folder.resolve("workflows.json"),
                "--out",
                folder.resolve("plan.json"));
    }

    private void refused(String text, String... said) throws IOException {
        Path file = Files.writeString(folder.resolve("bad.txt"), text);
        CommandLineRun run = importing("--gpu", "H100-SXM-80GB", file);
        assertThat(run.exitCode()).as(run.out()).isEqualTo(2);
        assertThat(run.err()).contains("bad.txt").contains(said);
        assertThat(run.out()).isEmpty();
    }

    private static CommandLineRun importing(Object... more) {
        return CommandLineRun.of(Stream.concat(Stream.of("profile", "import"), List.of(more).stream())
                .toArray());
    }

    /** Times in milliseconds under a header that says microseconds. */
    private static String output1000(String good) {
        StringBuilder text = new StringBuilder();
        for (String line : good.split("\n")) {
            String[] cells = line.strip().split("\\s+");
            if (!line.startsWith("#") && cells.length > 6 && Long.parseLong(cells[0]) > 1 << 20) {
                cells[5] = Double.toString(Double.parseDouble(cells[5]) / 1000);
                line = String.join(" ", cells);
            }
            text.append(line).append('\n');
        }
        return text.toString();
    }

    /** What all_reduce_perf prints of links with this latency and bus bandwidth. */
    private String output(String name, int gpus, double micros, double busGBps, String type, String kind)
            throws IOException {
        StringBuilder text = new StringBuilder();
        text.append("# Collective test starting: all_reduce_perf\n");
        text.append(String.format(
                "# nThread 1 nGpus %d minBytes 8 maxBytes 268435456 step: 2(factor) warmup iters: 5 iters: 20 agg iters: 1"
                        + " validation: 1 graph: 0\n",
                gpus));
        if (kind.equals("ranks")) {
            for (int i = 0; i < gpus; i++) {
                text.append(String.format(
                        "#  Rank  %d Group  0 Pid   5092 on  node1 device  %d [0x%d1] NVIDIA H100 80GB HBM3\n",
                        i, i, i));
            }
        }
        text.append("#                                                out-of-place                       in-place\n"
                .repeat(1));
        text.append(
                "#       size         count      type   redop    root     time   algbw   busbw #wrong     time   algbw"
                        + "   busbw #wrong\n");
        text.append(
                "#        (B)    (elements)                               (us)  (GB/s)  (GB/s)            (us)  (GB/s)"
                        + "  (GB/s)\n");
        for (long bytes : SIZES) {
            double time = micros + 2.0 * (gpus - 1) / gpus * bytes / (busGBps * 1e3);
            double algorithm = bytes / time / 1e3;
            double bus = algorithm * (kind.equals("scatter") ? 1 : 2) * (gpus - 1) / gpus;
            String side = String.format(Locale.ROOT, "%9.2f %7.2f %7.2f      0", time, algorithm, bus);
            text.append(String.format(
                    "%12d %13d %9s     sum      -1%s%s\n",
                    bytes, bytes / (type.equals("half") ? 2 : 4), type, side, side));
        }
        text.append("# Out of bounds values : 0 OK\n# Avg bus bandwidth    : 179.465\n#\n");
        return Files.writeString(folder.resolve(name), text).toString();
    }
}

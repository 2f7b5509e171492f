import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Starts small programs again and again, each time alone, with our agent and with OpenTelemetry's, in turn, and prints medians:
 * milliseconds to the first line of output, milliseconds to the end, and peak resident memory (VmHWM of /proc, Linux only).
 * Both agents export to a local sink that answers 200.
 */
public final class StartUp {

    private record Run(double firstLineMillis, double endMillis, double residentMegabytes) {}

    public static void main(String[] arguments) throws Exception {
        String testClassPath = arguments[0];
        int rounds = Integer.parseInt(arguments[1]);
        String openTelemetry = Arrays.stream(testClassPath.split(":"))
                .filter(entry -> entry.contains("/opentelemetry-javaagent/"))
                .findFirst()
                .orElseThrow();
        String classPath = Arrays.stream(testClassPath.split(":"))
                .filter(entry -> entry.endsWith("test-classes")
                        || entry.contains("/dev/langchain4j/")
                        || entry.contains("/slf4j-api/")
                        || entry.contains("/com/fasterxml/jackson/"))
                .collect(Collectors.joining(":"));
        Map<String, List<String>> variants = new LinkedHashMap<>();
        variants.put("alone", List.of());
        variants.put("Scepsy agent", List.of("-javaagent:" + Path.of("target/scepsy-javaagent.jar")));
        String before = System.getProperty("before", "");
        if (!before.isEmpty()) {
            variants.put("Scepsy agent before", List.of("-javaagent:" + before));
        }
        variants.put("OpenTelemetry agent", List.of("-javaagent:" + openTelemetry));

        HttpServer sink = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        sink.createContext("/", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                exchange.sendResponseHeaders(200, -1);
            }
        });
        sink.start();
        String endpoint = "http://127.0.0.1:" + sink.getAddress().getPort();

        System.out.println("| Program | With | First line, ms | End, ms | Resident, MB | Added to first line, ms | Added, MB |");
        System.out.println("|---|---|---|---|---|---|---|");
        for (String program : List.of("HelloApp", "OneCallApp")) {
            Map<String, List<Run>> runs = new LinkedHashMap<>();
            for (int round = -1; round < rounds; round++) { // The first warms the page cache and is not counted.
                for (Map.Entry<String, List<String>> variant : variants.entrySet()) {
                    Run run = run(program, variant.getValue(), classPath, endpoint);
                    if (round >= 0) {
                        runs.computeIfAbsent(variant.getKey(), key -> new ArrayList<>()).add(run);
                    }
                }
            }
            Run alone = medians(runs.get("alone"));
            runs.forEach((variant, all) -> {
                Run median = medians(all);
                System.out.printf(
                        "| %s | %s | %.0f | %.0f | %.0f | %.0f | %.0f |%n",
                        program,
                        variant,
                        median.firstLineMillis(),
                        median.endMillis(),
                        median.residentMegabytes(),
                        median.firstLineMillis() - alone.firstLineMillis(),
                        median.residentMegabytes() - alone.residentMegabytes());
            });
        }
        sink.stop(0);
    }

    private static Run run(String program, List<String> options, String classPath, String endpoint)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, "dev.scepsy.javaagent.app." + program));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
        builder.environment().put("OTEL_METRICS_EXPORTER", "none");
        builder.environment().put("OTEL_LOGS_EXPORTER", "none");
        long start = System.nanoTime();
        Process process = builder.start();
        double[] peak = new double[1];
        Thread watcher = new Thread(() -> {
            while (process.isAlive()) {
                peak[0] = Math.max(peak[0], residentMegabytes(process.pid()));
                Thread.onSpinWait();
                try {
                    Thread.sleep(2);
                } catch (InterruptedException e) {
                    return;
                }
            }
        });
        watcher.start();
        double firstLine;
        try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream()))) {
            out.readLine();
            firstLine = (System.nanoTime() - start) / 1e6;
            process.waitFor();
        }
        double end = (System.nanoTime() - start) / 1e6;
        watcher.join();
        return new Run(firstLine, end, peak[0]);
    }

    private static double residentMegabytes(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
                if (line.startsWith("VmHWM:")) {
                    return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
                }
            }
        } catch (NoSuchFileException gone) {
            return 0;
        } catch (IOException | RuntimeException ended) {
            return 0;
        }
        return 0;
    }

    private static Run medians(List<Run> runs) {
        return new Run(
                median(runs.stream().mapToDouble(Run::firstLineMillis).toArray()),
                median(runs.stream().mapToDouble(Run::endMillis).toArray()),
                median(runs.stream().mapToDouble(Run::residentMegabytes).toArray()));
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}

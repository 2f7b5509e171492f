package dev.scepsy.planner.benchmark;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.TextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a result file, whichever tool wrote it: the format is told by what stands in it, not by its name.
 *
 * @param tool who wrote it
 * @param runs in the order of the file
 * @param problems why it cannot be used; then {@code runs} counts for nothing
 */
public record BenchmarkFile(String tool, List<BenchmarkRun> runs, List<Problem> problems) {

    private static final ObjectMapper JSON = new ObjectMapper();

    public BenchmarkFile {
        runs = List.copyOf(runs);
        problems = List.copyOf(problems);
    }

    /** The runs in {@code file}. */
    public static BenchmarkFile read(Path file) {
        String name = file.toString();
        String text;
        try {
            text = TextFile.read(file);
        } catch (TextFile.Unreadable e) {
            return refused(name, e.line(), Math.min(1, e.line()), e.sentence());
        }
        if (text.isBlank()) {
            return refused(name, 0, 0, "The file is empty.");
        }
        return text.stripLeading().startsWith("{") || text.stripLeading().startsWith("[")
                ? json(name, text)
                : PlainCsv.read(name, text);
    }

    private static BenchmarkFile refused(String file, int line, int column, String message) {
        return new BenchmarkFile("", List.of(), List.of(new Problem(file, "", line, column, message)));
    }

    /** One document, a list of them, or one after another as appended results are. */
    private static BenchmarkFile json(String name, String text) {
        List<JsonNode> documents = new ArrayList<>();
        try (MappingIterator<JsonNode> values = JSON.readerFor(JsonNode.class).readValues(text)) {
            while (values.hasNextValue()) {
                JsonNode value = values.nextValue();
                if (value.isArray()) {
                    value.forEach(documents::add);
                } else {
                    documents.add(value);
                }
            }
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            return refused(
                    name,
                    at == null ? 0 : at.getLineNr(),
                    at == null ? 0 : at.getColumnNr(),
                    "This is not JSON: " + e.getOriginalMessage() + ".");
        } catch (IOException e) {
            return refused(name, 0, 0, "The file cannot be read: " + e);
        }
        String tool = "";
        Findings findings = new Findings(name);
        List<BenchmarkRun> runs = new ArrayList<>();
        for (int i = 0; i < documents.size(); i++) {
            JsonNode document = documents.get(i);
            String place = documents.size() == 1 ? "" : "[" + i + "]";
            if (document.path("benchmarks").isArray()) {
                tool = "GuideLLM";
                GuideLlm.read(document, place, findings, runs);
            } else if (AiPerf.wrote(document)) {
                tool = "AIPerf";
                AiPerf.read(document, place, findings, runs);
            } else if (VllmBench.wrote(document)) {
                tool = "vllm bench serve";
                VllmBench.read(document, place, findings, runs);
            } else {
                findings.problem(
                        place,
                        "This is no result of a known tool. Known are: vllm bench serve --save-result"
                                + " (request_throughput, duration, completed), GuideLLM (benchmarks[].metrics), AIPerf"
                                + " (request_latency with avg and unit), and CSV with the columns requestsPerSecond and"
                                + " meanLatencySeconds.");
            }
        }
        return new BenchmarkFile(tool, runs, findings.problems());
    }
}

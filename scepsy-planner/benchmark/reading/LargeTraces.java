import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Writes OTLP JSON lines of 512 spans: executions of ten spans (a workflow, three agents, six model calls two of which run side
 * by side), the same for every run. {@code java LargeTraces.java FILE SPANS agent|lean}: as Scepsy's agent writes spans, or
 * only what statistics read.
 */
public final class LargeTraces {

    private static final int SPANS_PER_LINE = 512;
    private static final long FIRST_START = 1_790_000_000_000_000_000L;
    private static final String[] MODELS = {"planner-llm", "worker-llm", "worker-llm", "worker-llm", "critic-llm", "writer-llm"};
    private static final String[] AGENTS = {"planner", "worker", "critic"};

    private final OutputStream out;
    private final boolean lean;
    private final StringBuilder line = new StringBuilder(1 << 19);
    private final SplittableRandom random = new SplittableRandom(7);
    private int inLine;

    private LargeTraces(OutputStream out, boolean lean) {
        this.out = out;
        this.lean = lean;
    }

    public static void main(String[] arguments) throws IOException {
        int executions = Integer.parseInt(arguments[1]) / 10;
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(Path.of(arguments[0])), 1 << 20)) {
            LargeTraces traces = new LargeTraces(out, arguments[2].equals("lean"));
            for (int j = 0; j < executions; j++) {
                traces.execution(j);
            }
            traces.endLine();
        }
    }

    private void execution(int number) throws IOException {
        String trace = hex(random.nextLong()) + hex(random.nextLong());
        String root = hex(random.nextLong());
        long start = FIRST_START + number * 20_000_000L;
        long now = start;
        String[] agents = {hex(random.nextLong()), hex(random.nextLong()), hex(random.nextLong())};
        long[] agentStarts = new long[3];
        long[] agentEnds = new long[3];
        for (int call = 0; call < 6; call++) {
            int agent = call == 0 ? 0 : call < 4 ? 1 : 2;
            long from = call == 2 ? now - 500_000_000L : now + 1_000_000L;
            long to = from + 600_000_000L + random.nextInt(400_000_000);
            agentStarts[agent] = agentStarts[agent] == 0 ? from : agentStarts[agent];
            agentEnds[agent] = Math.max(agentEnds[agent], to);
            now = Math.max(now, to);
            begin(trace, hex(random.nextLong()), agents[agent], "chat " + MODELS[call], 3, from, to);
            text("gen_ai.operation.name", "chat");
            text("gen_ai.request.model", MODELS[call]);
            number("gen_ai.usage.input_tokens", 200 + random.nextInt(1800));
            number("gen_ai.usage.output_tokens", 20 + random.nextInt(400));
            if (!lean) {
                text("gen_ai.provider.name", "openai");
                text("gen_ai.response.id", "chatcmpl-" + hex(random.nextLong()));
                list("gen_ai.response.finish_reasons", "stop");
                text("server.address", "vllm-worker.internal");
            }
            end(root, AGENTS[agent]);
        }
        for (int agent = 0; agent < 3; agent++) {
            begin(trace, agents[agent], root, "invoke_agent " + AGENTS[agent], 1, agentStarts[agent], agentEnds[agent]);
            text("gen_ai.operation.name", "invoke_agent");
            text("gen_ai.agent.name", AGENTS[agent]);
            if (!lean) {
                text("scepsy.langchain4j.method", "com.example.research.agents." + AGENTS[agent] + "#answer(String,List)");
                text("thread.name", "ForkJoinPool.commonPool-worker-" + random.nextInt(8));
            }
            end(root, null);
        }
        begin(trace, root, "", "invoke_workflow research", 1, start, now + 2_000_000L);
        text("gen_ai.operation.name", "invoke_workflow");
        end(root, null);
    }

    private void begin(String trace, String span, String parent, String name, int kind, long from, long to) {
        if (inLine == 0) {
            line.append("{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"research\"}},"
                    + "{\"key\":\"service.instance.id\",\"value\":{\"stringValue\":\"6f1c1a52-8a6e-4b0e-9f53-5d2d2f0f9c11\"}},"
                    + "{\"key\":\"host.name\",\"value\":{\"stringValue\":\"app-1\"}}]},"
                    + "\"scopeSpans\":[{\"scope\":{\"name\":\"dev.scepsy.langchain4j\",\"version\":\"0.1.0\"},\"spans\":[");
        } else {
            line.append(',');
        }
        inLine++;
        line.append("{\"traceId\":\"").append(trace).append("\",\"spanId\":\"").append(span).append('"');
        if (!parent.isEmpty()) {
            line.append(",\"parentSpanId\":\"").append(parent).append('"');
        }
        if (!lean) {
            line.append(",\"flags\":257");
        }
        line.append(",\"name\":\"").append(name).append("\",\"kind\":").append(kind)
                .append(",\"startTimeUnixNano\":\"").append(from).append("\",\"endTimeUnixNano\":\"").append(to)
                .append("\",\"attributes\":[");
    }

    private void end(String root, String agent) throws IOException {
        if (agent != null && !lean) {
            text("gen_ai.agent.name", agent);
        }
        text("gen_ai.workflow.name", "research");
        if (!lean) {
            text("scepsy.workflow.execution.id", root);
        }
        line.setLength(line.length() - 1);
        line.append(lean ? "]}" : "],\"status\":{}}");
        if (inLine == SPANS_PER_LINE) {
            endLine();
        }
    }

    private void endLine() throws IOException {
        if (inLine > 0) {
            line.append("]}]}]}\n");
            out.write(line.toString().getBytes(StandardCharsets.UTF_8));
            line.setLength(0);
            inLine = 0;
        }
    }

    private void text(String key, String value) {
        attribute(key, "\"stringValue\":\"" + value + "\"");
    }

    private void number(String key, long value) {
        attribute(key, "\"intValue\":\"" + value + "\"");
    }

    private void list(String key, String value) {
        attribute(key, "\"arrayValue\":{\"values\":[{\"stringValue\":\"" + value + "\"}]}");
    }

    private void attribute(String key, String value) {
        line.append("{\"key\":\"").append(key).append("\",\"value\":{").append(value).append("}},");
    }

    private static String hex(long value) {
        String digits = Long.toHexString(value | (1L << 60));
        return "0".repeat(16 - digits.length()) + digits;
    }
}

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.RequestHeaders;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sends spans to a running {@code scepsy record}, 512 a request as exporters do, from some threads that each wait for their answer, and
 * says how many a second were acknowledged. Then looks whether every acknowledged span stands in the recording; ends with 1 where one does
 * not. {@code java -cp scepsy-cli.jar SendSpans.java grpc|http PORT SPANS RECORDING PID [kill]}: PID is record's, for the processor time
 * it took; with {@code kill} it is killed halfway, and what was acknowledged until then must be there.
 */
public final class SendSpans {

    private static final int SPANS_PER_REQUEST = 512;
    private static final int SENDERS = 8;
    private static final byte[] PREFIX = {'s', 'c', 'e', 'p'};

    public static void main(String[] arguments) throws Exception {
        boolean grpc = arguments[0].equals("grpc");
        int requests = Integer.parseInt(arguments[2]) / SPANS_PER_REQUEST;
        Path recording = Path.of(arguments[3]);
        Message message = new Message(grpc);
        BitSet acknowledged = new BitSet();
        AtomicInteger next = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        ProcessHandle record = ProcessHandle.of(Long.parseLong(arguments[4])).orElseThrow();
        boolean kills = arguments.length > 5;
        Duration cpuBefore = record.info().totalCpuDuration().orElse(Duration.ZERO);
        long began;
        long took;
        try (ClientFactory factory = ClientFactory.builder().useHttp2Preface(true).build()) {
            WebClient client = WebClient.builder((grpc ? "h2c" : "h1c") + "://127.0.0.1:" + arguments[1])
                    .factory(factory)
                    .responseTimeout(Duration.ofSeconds(60))
                    .build();
            RequestHeaders headers = grpc
                    ? RequestHeaders.of(
                            HttpMethod.POST,
                            "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
                            "content-type",
                            "application/grpc+proto",
                            "te",
                            "trailers")
                    : RequestHeaders.of(HttpMethod.POST, "/v1/traces", "content-type", "application/x-protobuf");
            List<Thread> senders = new ArrayList<>();
            began = System.nanoTime();
            for (int sender = 0; sender < SENDERS; sender++) {
                Thread thread = new Thread(() -> {
                    for (int request; (request = next.getAndIncrement()) < requests; ) {
                        if (kills && request == requests / 2) {
                            record.destroyForcibly();
                        }
                        if (isTaken(client, headers, message.numbered(request), grpc)) {
                            synchronized (acknowledged) {
                                acknowledged.set(request);
                            }
                        } else {
                            failed.incrementAndGet();
                        }
                    }
                });
                thread.start();
                senders.add(thread);
            }
            for (Thread sender : senders) {
                sender.join();
            }
            took = System.nanoTime() - began;
        }
        double cpuSeconds =
                record.info().totalCpuDuration().orElse(cpuBefore).minus(cpuBefore).toMillis() / 1e3;
        int lost = lost(recording, acknowledged);
        long spans = (long) acknowledged.cardinality() * SPANS_PER_REQUEST;
        System.out.printf(
                Locale.ROOT,
                "%s: %,d spans acknowledged in %.2f s, %,.0f a second, %s a second of record's processor time; %,d requests not;"
                        + " %d bytes a span; %d acknowledged spans not in the recording%n",
                arguments[0],
                spans,
                took / 1e9,
                spans / (took / 1e9),
                kills ? "-" : String.format(Locale.ROOT, "%,.0f", spans / cpuSeconds),
                failed.get(),
                message.bytes() / SPANS_PER_REQUEST,
                lost);
        System.exit(lost == 0 ? 0 : 1);
    }

    private static boolean isTaken(WebClient client, RequestHeaders headers, byte[] body, boolean grpc) {
        try {
            AggregatedHttpResponse answer =
                    client.execute(HttpRequest.of(headers, HttpData.wrap(body))).aggregate().join();
            String status = answer.trailers().get("grpc-status", answer.headers().get("grpc-status", ""));
            return answer.status().code() == 200 && (!grpc || status.equals("0"));
        } catch (RuntimeException cutOff) {
            return false;
        }
    }

    /** Acknowledged spans that the file does not hold. Their ids say the request and the place in it. */
    private static int lost(Path recording, BitSet acknowledged) throws Exception {
        BitSet found = new BitSet();
        String begin = "\"spanId\":\"" + hex(PREFIX);
        try (BufferedReader reader = Files.newBufferedReader(recording)) {
            for (String line; (line = reader.readLine()) != null; ) {
                for (int at = line.indexOf(begin); at >= 0; at = line.indexOf(begin, at + 1)) {
                    int id = at + begin.length();
                    found.set(Integer.parseInt(line.substring(id, id + 8), 16));
                }
            }
        }
        int lost = 0;
        for (int request = acknowledged.nextSetBit(0); request >= 0; request = acknowledged.nextSetBit(request + 1)) {
            for (int span = 0; span < SPANS_PER_REQUEST; span++) {
                lost += found.get(request * SPANS_PER_REQUEST + span) ? 0 : 1;
            }
        }
        return lost;
    }

    private static String hex(byte[] bytes) {
        StringBuilder hex = new StringBuilder();
        for (byte each : bytes) {
            hex.append(String.format("%02x", each));
        }
        return hex.toString();
    }

    /** One export in protobuf; only the last four bytes of its span ids change from request to request. */
    private static final class Message {
        private final byte[] template;
        private final int[] idAt = new int[SPANS_PER_REQUEST];

        Message(boolean grpc) {
            ByteArrayOutputStream spans = new ByteArrayOutputStream();
            for (int i = 0; i < SPANS_PER_REQUEST; i++) {
                spans.writeBytes(field(2, span(i)));
            }
            byte[] scope = field(1, field(1, "dev.scepsy.langchain4j".getBytes(StandardCharsets.UTF_8)));
            byte[] resource = field(1, field(1, attribute("service.name", "research")));
            byte[] export = field(1, join(resource, field(2, join(scope, spans.toByteArray()))));
            template = grpc
                    ? join(ByteBuffer.allocate(5).put((byte) 0).putInt(export.length).array(), export)
                    : export;
            int found = 0;
            for (int at = 0; at + 8 <= template.length && found < idAt.length; at++) {
                if (template[at] == PREFIX[0]
                        && template[at + 1] == PREFIX[1]
                        && template[at + 2] == PREFIX[2]
                        && template[at + 3] == PREFIX[3]
                        && template[at - 2] == 0x12) {
                    idAt[found++] = at + 4;
                }
            }
        }

        byte[] numbered(int request) {
            byte[] body = template.clone();
            ByteBuffer ids = ByteBuffer.wrap(body);
            for (int i = 0; i < SPANS_PER_REQUEST; i++) {
                ids.putInt(idAt[i], request * SPANS_PER_REQUEST + i);
            }
            return body;
        }

        int bytes() {
            return template.length;
        }

        private static byte[] span(int number) {
            long start = 1_790_000_000_000_000_000L + number * 1_000_000L;
            ByteBuffer trace = ByteBuffer.allocate(16).putLong(1).putLong(1 + number / 10);
            ByteBuffer id = ByteBuffer.allocate(8).put(PREFIX).putInt(number);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(field(1, trace.array()));
            out.writeBytes(field(2, id.array()));
            out.writeBytes(field(5, "chat worker-llm".getBytes(StandardCharsets.UTF_8)));
            out.writeBytes(new byte[] {6 << 3, 3});
            out.writeBytes(fixed(7, start));
            out.writeBytes(fixed(8, start + 800_000_000L));
            String[][] attributes = {
                {"gen_ai.operation.name", "chat"},
                {"gen_ai.provider.name", "openai"},
                {"gen_ai.request.model", "worker-llm"},
                {"gen_ai.response.model", "worker-llm"},
                {"gen_ai.agent.name", "worker"},
                {"gen_ai.response.id", "chatcmpl-" + number},
                {"gen_ai.usage.input_tokens", "812"},
                {"gen_ai.usage.output_tokens", "143"},
                {"server.address", "127.0.0.1"},
                {"scepsy.workflow.execution.id", "0123456789abcdef"}
            };
            for (String[] each : attributes) {
                out.writeBytes(field(9, attribute(each[0], each[1])));
            }
            return out.toByteArray();
        }

        private static byte[] attribute(String key, String value) {
            return join(
                    field(1, key.getBytes(StandardCharsets.UTF_8)),
                    field(2, field(1, value.getBytes(StandardCharsets.UTF_8))));
        }

        private static byte[] fixed(int field, long value) {
            return ByteBuffer.allocate(9)
                    .put((byte) (field << 3 | 1))
                    .putLong(Long.reverseBytes(value))
                    .array();
        }

        private static byte[] field(int field, byte[] content) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(field << 3 | 2);
            int length = content.length;
            for (; length >= 0x80; length >>>= 7) {
                out.write(length & 0x7f | 0x80);
            }
            out.write(length);
            out.writeBytes(content);
            return out.toByteArray();
        }

        private static byte[] join(byte[] one, byte[] other) {
            return ByteBuffer.allocate(one.length + other.length).put(one).put(other).array();
        }
    }
}

package dev.scepsy.planner.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.otlp.OtlpDecoder.Form;
import dev.scepsy.planner.span.Sampling;
import dev.scepsy.planner.span.Span;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Spans straight from protobuf are those that come by way of JSON; broken requests are refused without harm. */
class SpanDecoderTest {

    private static final int SEEDS = Boolean.getBoolean("scepsy.full") ? 20_000 : 300;

    private final SpanDecoder decoder = new SpanDecoder();
    private final OtlpDecoder byJson = new OtlpDecoder();

    @Test
    void bothWaysFindTheSameSpansInEveryRequest() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            byte[] request = request(new Random(seed));
            List<Span> expected = new ArrayList<>();
            byte[] line = byJson.decode(request, Form.PROTOBUF, expected::add);
            assertThat(decoder.decode(request, Form.PROTOBUF))
                    .as("seed %d", seed)
                    .isEqualTo(expected);
            assertThat(decoder.decode(line, Form.JSON)).as("seed %d", seed).isEqualTo(expected);
            assertThat(SpanDecoder.count(request, Form.PROTOBUF)).isEqualTo(expected.size());
        }
    }

    @Test
    void whatIsCutOrChangedIsReadOrRefusedAndNothingElse() {
        int refused = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            byte[] request = request(random);
            byte[] broken = random.nextBoolean() ? Arrays.copyOf(request, random.nextInt(request.length)) : request;
            for (int i = random.nextInt(4); i > 0 && broken.length > 0; i--) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
            }
            try {
                decoder.decode(broken, Form.PROTOBUF);
            } catch (MalformedOtlpException e) {
                refused++;
                assertThat(e.getMessage()).isNotEmpty();
            }
            SpanDecoder.count(broken, Form.PROTOBUF);
        }
        assertThat(refused).isGreaterThan(SEEDS / 10);
    }

    @Test
    void aSpanWithoutIdsIsRefusedByItsWord() {
        byte[] noIds = {10, 4, 18, 2, 18, 0};
        assertThatThrownBy(() -> decoder.decode(noIds, Form.PROTOBUF)).hasMessageContaining("traceId");
    }

    @Test
    void aTraceStateSaysHowLikelyItsTraceWasKept() {
        assertThat(Sampling.ofTraceState("ot=th:0")).isEqualTo(new Sampling(1));
        assertThat(Sampling.ofTraceState("ot=th:8")).isEqualTo(new Sampling(0.5));
        assertThat(Sampling.ofTraceState("x=1,ot=rv:1f;th:fd70a4")).isNotNull();
        assertThat(Sampling.ofTraceState("x=1, ot=th:c")).isEqualTo(new Sampling(0.25));
        assertThat(Sampling.ofTraceState("ot=p:3;r:5")).isEqualTo(new Sampling(0.125));
        assertThat(Sampling.ofTraceState("ot=p:63")).isNull();
        assertThat(Sampling.ofTraceState("ot=th:")).isNull();
        assertThat(Sampling.ofTraceState("ot=th:xyz")).isNull();
        assertThat(Sampling.ofTraceState("ot=th:123456789abcdef")).isNull();
        assertThat(Sampling.ofTraceState("other=th:8")).isNull();
        assertThat(Sampling.ofTraceState("")).isNull();
    }

    @Test
    void aCounterIsFoundInBothEncodingsAndOtherMetricsAreNotRead() throws Exception {
        CounterPoints counter = new CounterPoints("scepsy.executions");
        String json = "{\"resourceMetrics\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":"
                + "{\"stringValue\":\"shop\"}}]},\"scopeMetrics\":[{\"metrics\":[{\"name\":\"other\",\"gauge\":{}},"
                + "{\"name\":\"scepsy.executions\",\"sum\":{\"aggregationTemporality\":2,\"isMonotonic\":true,"
                + "\"dataPoints\":[{\"startTimeUnixNano\":\"5\",\"timeUnixNano\":\"9\",\"asInt\":\"42\",\"attributes\":"
                + "[{\"key\":\"workflow\",\"value\":{\"stringValue\":\"rag\"}}]}]}}]}]}]}";
        List<CounterPoints.Point> points = counter.in(json.getBytes(StandardCharsets.UTF_8), Form.JSON);
        assertThat(points).hasSize(1);
        assertThat(points.get(0).attributes()).containsEntry("workflow", "rag");
        assertThat(points.get(0).resource()).containsEntry("service.name", "shop");
        assertThat(points.get(0).value()).isEqualTo(42);
        assertThat(points.get(0).cumulative()).isTrue();
        assertThat(points.get(0).startEpochNanos()).isEqualTo(5);
        JsonNode gauge = new ObjectMapper().readTree(json.replace("\"isMonotonic\":true", "\"isMonotonic\":false"));
        assertThat(counter.in(gauge.toString().getBytes(StandardCharsets.UTF_8), Form.JSON))
                .isEmpty();
        assertThat(counter.in("not even metrics".getBytes(StandardCharsets.UTF_8), Form.PROTOBUF))
                .isEmpty();
        assertThatThrownBy(() -> counter.in("{ scepsy.executions".getBytes(StandardCharsets.UTF_8), Form.JSON))
                .isInstanceOf(MalformedOtlpException.class);
    }

    // a writer of requests

    private static byte[] request(Random random) {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        for (int i = random.nextInt(3); i >= 0; i--) {
            ByteArrayOutputStream ofResource = new ByteArrayOutputStream();
            ByteArrayOutputStream resource = new ByteArrayOutputStream();
            bytes(resource, 1, attribute("service.name", text("shop" + random.nextInt(2))));
            bytes(resource, 1, attribute("process.pid", whole(random.nextInt(9))));
            boolean behind = random.nextBoolean();
            if (!behind) {
                bytes(ofResource, 1, resource.toByteArray());
            }
            for (int scopes = random.nextInt(3); scopes > 0; scopes--) {
                ByteArrayOutputStream scope = new ByteArrayOutputStream();
                for (int spans = random.nextInt(4); spans > 0; spans--) {
                    bytes(scope, 2, span(random));
                }
                bytes(ofResource, 2, scope.toByteArray());
            }
            if (behind) {
                bytes(ofResource, 1, resource.toByteArray());
            }
            bytes(request, 1, ofResource.toByteArray());
        }
        return request.toByteArray();
    }

    private static byte[] span(Random random) {
        ByteArrayOutputStream span = new ByteArrayOutputStream();
        bytes(span, 1, random(random, 16));
        bytes(span, 2, random(random, 8));
        if (random.nextBoolean()) {
            bytes(span, 3, text0("ot=th:" + Integer.toHexString(random.nextInt(16))));
        }
        if (random.nextBoolean()) {
            bytes(span, 4, random(random, 8));
        }
        bytes(span, 5, text0(random.nextBoolean() ? "chat m" : "Größe-模型 " + random.nextInt()));
        varint(span, 6 << 3);
        varint(span, random.nextInt(8));
        fixed64(span, 7, 1_544_712_660_000_000_000L + random.nextInt());
        if (random.nextInt(8) > 0) {
            fixed64(span, 8, 1_544_712_661_000_000_000L + random.nextInt());
        }
        List<byte[]> attributes = List.of(
                attribute("gen_ai.operation.name", text(random.nextBoolean() ? "chat" : "invoke_agent")),
                attribute("gen_ai.request.model", text("模型")),
                attribute("gen_ai.usage.input_tokens", whole(random.nextInt(900))),
                attribute("gen_ai.usage.output_tokens", text("17")),
                attribute("scepsy.call.backoff_seconds", decimal(random.nextDouble())),
                attribute("scepsy.workflow.execution.id", text(random.nextBoolean() ? "00000000000000A1" : "job-7")),
                attribute("gen_ai.agent.name", text("a" + random.nextInt(3))),
                attribute("gen_ai.input.messages", nested(random.nextInt(20))),
                attribute("flag", new byte[] {16, 1}));
        attributes.stream().filter(each -> random.nextBoolean()).forEach(each -> bytes(span, 9, each));
        if (random.nextBoolean()) {
            bytes(span, 15, new byte[] {24, (byte) random.nextInt(3)});
        }
        if (random.nextBoolean()) {
            varint(span, 16 << 3 | 5);
            span.writeBytes(new byte[] {0, (byte) random.nextInt(4), 0, 0});
        }
        bytes(span, 4_000, random(random, 5));
        return span.toByteArray();
    }

    private static byte[] random(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        bytes[0] |= 1;
        return bytes;
    }

    private static byte[] attribute(String key, byte[] value) {
        ByteArrayOutputStream attribute = new ByteArrayOutputStream();
        bytes(attribute, 1, text0(key));
        bytes(attribute, 2, value);
        return attribute.toByteArray();
    }

    private static byte[] nested(int depth) {
        ByteArrayOutputStream array = new ByteArrayOutputStream();
        bytes(array, 1, depth == 0 ? text("x") : nested(depth - 1));
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        bytes(value, 5, array.toByteArray());
        return value.toByteArray();
    }

    private static byte[] text(String text) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        bytes(value, 1, text0(text));
        return value.toByteArray();
    }

    private static byte[] whole(long number) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        varint(value, 3 << 3);
        varint(value, number);
        return value.toByteArray();
    }

    private static byte[] decimal(double number) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        fixed64(value, 4, Double.doubleToLongBits(number));
        return value.toByteArray();
    }

    private static byte[] text0(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] bytes) {
        varint(out, (long) field << 3 | 2);
        varint(out, bytes.length);
        out.writeBytes(bytes);
    }

    private static void fixed64(ByteArrayOutputStream out, int field, long value) {
        varint(out, (long) field << 3 | 1);
        for (int shift = 0; shift < 64; shift += 8) {
            out.write((int) (value >>> shift));
        }
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}

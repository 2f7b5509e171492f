package dev.scepsy.planner.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.otlp.OtlpDecoder.Form;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds one counter's points in an {@code ExportMetricsServiceRequest}: monotonic sums of that name, in either encoding. A
 * request that does not contain the name is not read at all. Field numbers are those of opentelemetry-proto 1.11, {@code
 * metrics.proto}. Immutable.
 */
public final class CounterPoints {

    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(OtlpJson.LONGEST_TEXT)
                    .maxNestingDepth(100)
                    .build())
            .build());

    private static final int DELTA = 1;
    private static final int CUMULATIVE = 2;

    /** Attributes of a point or a resource that are read. */
    private static final int MOST_ATTRIBUTES = 128;

    private final String name;
    private final byte[] nameBytes;

    /** @param name of the counter */
    public CounterPoints(String name) {
        this.name = name;
        nameBytes = name.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * One point.
     *
     * @param resource texts and whole numbers among the resource's attributes
     * @param attributes likewise the point's own
     * @param cumulative since {@code startEpochNanos}; else since the point before
     * @param startEpochNanos 0: not known
     * @param value 0 or more
     */
    public record Point(
            Map<String, String> resource,
            Map<String, String> attributes,
            boolean cumulative,
            long startEpochNanos,
            long timeEpochNanos,
            double value) {

        public Point {
            resource = Map.copyOf(resource);
            attributes = Map.copyOf(attributes);
        }
    }

    /**
     * The counter's points in a request, in its order.
     *
     * @param message the request, not compressed
     * @throws MalformedOtlpException if it contains the name and is not well-formed
     */
    public List<Point> in(byte[] message, Form form) throws MalformedOtlpException {
        if (!contains(message)) {
            return List.of();
        }
        List<Point> points = new ArrayList<>();
        if (form == Form.PROTOBUF) {
            new Wire(message, points).request();
        } else {
            try {
                json(JSON.readTree(message), points);
            } catch (IOException e) {
                throw new MalformedOtlpException("not JSON");
            }
        }
        return points;
    }

    private boolean contains(byte[] message) {
        byte first = nameBytes[0];
        for (int i = 0; i <= message.length - nameBytes.length; i++) {
            if (message[i] == first
                    && java.util.Arrays.equals(message, i, i + nameBytes.length, nameBytes, 0, nameBytes.length)) {
                return true;
            }
        }
        return false;
    }

    private static void add(
            List<Point> points,
            Map<String, String> resource,
            Map<String, String> attributes,
            long temporality,
            long start,
            long time,
            double value) {
        if ((temporality == DELTA || temporality == CUMULATIVE) && value >= 0 && Double.isFinite(value) && time > 0) {
            points.add(new Point(resource, attributes, temporality == CUMULATIVE, Math.max(0, start), time, value));
        }
    }

    private final class Wire {
        private final WireReader wire;
        private final List<Point> points;

        Wire(byte[] message, List<Point> points) {
            wire = new WireReader(message);
            this.points = points;
        }

        void request() throws MalformedOtlpException {
            for (int field = wire.next(); field != 0; field = wire.next()) {
                if (field == 1) {
                    resourceMetrics(wire.from(), wire.to());
                }
            }
        }

        private void resourceMetrics(int from, int to) throws MalformedOtlpException {
            int returnAt = wire.at();
            int returnEnd = wire.end();
            Map<String, String> resource = new TreeMap<>();
            wire.enter(from, to);
            for (int field = wire.next(); field != 0; field = wire.next()) {
                if (field == 1) {
                    attributes(wire.from(), wire.to(), 1, resource);
                }
            }
            wire.enter(from, to);
            for (int field = wire.next(); field != 0; field = wire.next()) {
                if (field == 2) {
                    scopeMetrics(wire.from(), wire.to(), resource);
                }
            }
            wire.enter(returnAt, returnEnd);
        }

        private void scopeMetrics(int from, int to, Map<String, String> resource) throws MalformedOtlpException {
            int returnAt = wire.at();
            int returnEnd = wire.end();
            wire.enter(from, to);
            for (int field = wire.next(); field != 0; field = wire.next()) {
                if (field == 2) {
                    metric(wire.from(), wire.to(), resource);
                }
            }
            wire.enter(returnAt, returnEnd);
        }

        private void metric(int from, int to, Map<String, String> resource) throws MalformedOtlpException {
            int returnAt = wire.at();
            int returnEnd = wire.end();
            boolean named = false;
            int sumFrom = -1;
            int sumTo = -1;
            wire.enter(from, to);
            for (int field = wire.next(); field != 0; field = wire.next()) {
                if (field == 1) {
                    int textFrom = wire.from();
                    named = java.util.Arrays.equals(wire.bytes, textFrom, wire.to(), nameBytes, 0, nameBytes.length);
                } else if (field == 7) {
                    sumFrom = wire.from();
                    sumTo = wire.to();
                }
            }
            if (named && sumFrom >= 0) {
                sum(sumFrom, sumTo, resource);
            }
            wire.enter(returnAt, returnEnd);
        }

        private void sum(int from, int to, Map<String, String> resource) throws MalformedOtlpException {
            long temporality = 0;
            boolean monotonic = false;
            wire.enter(from, to);
            for (int field = wire.next(); field != 0; field = wire.next()) {
                if (field == 2) {
                    temporality = wire.integer();
                } else if (field == 3) {
                    monotonic = wire.integer() != 0;
                }
            }
            wire.enter(from, to);
            for (int field = wire.next(); monotonic && field != 0; field = wire.next()) {
                if (field == 1) {
                    point(wire.from(), wire.to(), resource, temporality);
                }
            }
        }

        private void point(int from, int to, Map<String, String> resource, long temporality)
                throws MalformedOtlpException {
            int returnAt = wire.at();
            int returnEnd = wire.end();
            Map<String, String> attributes = new TreeMap<>();
            attributes(from, to, 7, attributes);
            long start = 0;
            long time = 0;
            double value = 0;
            wire.enter(from, to);
            for (int field = wire.next(); field != 0; field = wire.next()) {
                switch (field) {
                    case 2 -> start = wire.fixed64();
                    case 3 -> time = wire.fixed64();
                    case 4 -> value = wire.decimal();
                    case 6 -> value = wire.fixed64();
                    default -> {}
                }
            }
            add(points, resource, attributes, temporality, start, time, value);
            wire.enter(returnAt, returnEnd);
        }

        /** Attributes that stand in that field of a message. */
        private void attributes(int from, int to, int number, Map<String, String> into) throws MalformedOtlpException {
            int returnAt = wire.at();
            int returnEnd = wire.end();
            wire.enter(from, to);
            for (int field = wire.next(); field != 0; field = wire.next()) {
                if (field == number && into.size() < MOST_ATTRIBUTES) {
                    attribute(wire.from(), wire.to(), into);
                }
            }
            wire.enter(returnAt, returnEnd);
        }

        private void attribute(int from, int to, Map<String, String> into) throws MalformedOtlpException {
            int returnAt = wire.at();
            int returnEnd = wire.end();
            String key = "";
            String value = null;
            wire.enter(from, to);
            for (int field = wire.next(); field != 0; field = wire.next()) {
                if (field == 1) {
                    key = text(wire.from(), wire.to());
                } else if (field == 2) {
                    value = value(wire.from(), wire.to());
                }
            }
            if (value != null) {
                into.put(key, value);
            }
            wire.enter(returnAt, returnEnd);
        }

        private @Nullable String value(int from, int to) throws MalformedOtlpException {
            int returnAt = wire.at();
            int returnEnd = wire.end();
            String value = null;
            wire.enter(from, to);
            for (int field = wire.next(); field != 0; field = wire.next()) {
                if (field == 1) {
                    value = text(wire.from(), wire.to());
                } else if (field == 3) {
                    value = Long.toString(wire.integer());
                }
            }
            wire.enter(returnAt, returnEnd);
            return value;
        }

        private String text(int from, int to) throws MalformedOtlpException {
            if (to - from > OtlpJson.LONGEST_TEXT) {
                throw new MalformedOtlpException("a text is longer than " + OtlpJson.LONGEST_TEXT + " bytes");
            }
            return new String(wire.bytes, from, to - from, StandardCharsets.UTF_8);
        }
    }

    private void json(JsonNode request, List<Point> points) throws MalformedOtlpException {
        if (!request.isObject()) {
            throw new MalformedOtlpException("the request is no JSON object");
        }
        for (JsonNode ofResource : either(request, "resourceMetrics", "resource_metrics")) {
            Map<String, String> resource = jsonAttributes(ofResource.path("resource"));
            for (JsonNode ofScope : either(ofResource, "scopeMetrics", "scope_metrics")) {
                for (JsonNode metric : ofScope.path("metrics")) {
                    JsonNode sum = metric.path("sum");
                    if (metric.path("name").asText().equals(name)
                            && either(sum, "isMonotonic", "is_monotonic").asBoolean()) {
                        for (JsonNode point : either(sum, "dataPoints", "data_points")) {
                            jsonPoint(point, resource, temporality(sum), points);
                        }
                    }
                }
            }
        }
    }

    private static int temporality(JsonNode sum) {
        JsonNode stated = either(sum, "aggregationTemporality", "aggregation_temporality");
        return switch (stated.asText()) {
            case "AGGREGATION_TEMPORALITY_DELTA" -> DELTA;
            case "AGGREGATION_TEMPORALITY_CUMULATIVE" -> CUMULATIVE;
            default -> stated.asInt();
        };
    }

    private static void jsonPoint(JsonNode point, Map<String, String> resource, int temporality, List<Point> points) {
        JsonNode whole = either(point, "asInt", "as_int");
        JsonNode decimal = either(point, "asDouble", "as_double");
        add(
                points,
                resource,
                jsonAttributes(point),
                temporality,
                either(point, "startTimeUnixNano", "start_time_unix_nano").asLong(),
                either(point, "timeUnixNano", "time_unix_nano").asLong(),
                whole.isMissingNode() ? decimal.asDouble() : whole.asLong());
    }

    private static Map<String, String> jsonAttributes(JsonNode holder) {
        Map<String, String> attributes = new TreeMap<>();
        for (JsonNode attribute : holder.path("attributes")) {
            JsonNode value = attribute.path("value");
            JsonNode text = either(value, "stringValue", "string_value");
            JsonNode whole = either(value, "intValue", "int_value");
            if (attributes.size() < MOST_ATTRIBUTES && (text.isTextual() || whole.isValueNode())) {
                attributes.put(attribute.path("key").asText(), text.isTextual() ? text.asText() : whole.asText());
            }
        }
        return attributes;
    }

    private static JsonNode either(JsonNode object, String camel, String snake) {
        JsonNode found = object.path(camel);
        return found.isMissingNode() ? object.path(snake) : found;
    }
}

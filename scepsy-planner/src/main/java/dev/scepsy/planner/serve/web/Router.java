package dev.scepsy.planner.serve.web;

import com.linecorp.armeria.common.HttpMethod;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Finds the address that a request is for. Segments are decoded after the path is split: names of models have slashes. */
final class Router {

    /** @param path values of its parameters */
    record Found(Route route, Map<String, String> path) {}

    private final List<Route> routes;
    private final boolean readOnly;

    Router(List<Route> routes) {
        this(routes, false);
    }

    /** @param readOnly whether what changes something is refused, whoever asks */
    Router(List<Route> routes, boolean readOnly) {
        this.routes = List.copyOf(routes);
        this.readOnly = readOnly;
    }

    List<Route> routes() {
        return routes;
    }

    /** @throws Refusal 400, 404 or 405 */
    Found find(HttpMethod method, String rawPath) {
        List<String> segments = segments(rawPath);
        TreeSet<String> allowed = new TreeSet<>();
        boolean known = false;
        for (Route route : routes) {
            Optional<Map<String, String>> values = route.match(segments);
            if (values.isPresent()) {
                if (readOnly && route.changes()) {
                    known = true;
                } else if (route.method() == method
                        || (method == HttpMethod.HEAD && route.method() == HttpMethod.GET)) {
                    return new Found(route, values.get());
                }
                if (!readOnly || !route.changes()) {
                    allowed.add(route.method().name());
                }
            }
        }
        if (allowed.isEmpty() && !known) {
            throw Refusal.unknown("There is no such address. GET /openapi.json describes all of them.");
        }
        if (allowed.contains("GET")) {
            allowed.add("HEAD");
        }
        if (known) {
            throw new Refusal(
                            405,
                            "Files are shown here: nothing can be changed, planned or asked. `scepsy serve` does that.")
                    .header("allow", String.join(", ", allowed));
        }
        throw new Refusal(405, "The method must be one of " + String.join(", ", allowed) + ".")
                .header("allow", String.join(", ", allowed));
    }

    private static List<String> segments(String rawPath) {
        List<String> segments = new ArrayList<>();
        for (String segment : rawPath.substring(1).split("/", -1)) {
            segments.add(decoded(segment));
        }
        return segments;
    }

    private static String decoded(String segment) {
        if (segment.indexOf('%') < 0) {
            return segment;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(segment.length());
        for (int i = 0; i < segment.length(); i++) {
            char at = segment.charAt(i);
            if (at != '%') {
                bytes.writeBytes(String.valueOf(at).getBytes(StandardCharsets.UTF_8));
                continue;
            }
            int high = i + 2 < segment.length() ? Character.digit(segment.charAt(i + 1), 16) : -1;
            int low = high >= 0 ? Character.digit(segment.charAt(i + 2), 16) : -1;
            if (low < 0) {
                throw malformed();
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray()));
            return text.toString();
        } catch (CharacterCodingException e) {
            throw malformed();
        }
    }

    private static Refusal malformed() {
        return Refusal.bad(List.of("The path is not percent-encoded UTF-8."));
    }
}

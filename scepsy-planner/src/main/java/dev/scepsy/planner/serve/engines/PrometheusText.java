package dev.scepsy.planner.serve.engines;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Reads Prometheus' text format (0.0.4, and 1.0 with quoted names) and OpenMetrics' text, strictly: what is no line of either is
 * an error with its number. Timestamps and exemplars are checked and left out. Time and memory grow with the text alone; how
 * long a text may be is its caller's care. Formats: prometheus/docs, content/docs/instrumenting/exposition_formats.md;
 * prometheus/OpenMetrics, specification/OpenMetrics.md.
 */
final class PrometheusText {

    static final int MOST_SAMPLES = 200_000;
    static final int MOST_LABELS = 64;
    static final int LONGEST_NAME = 256;
    static final int LONGEST_NUMBER = 64;
    private static final int LONGEST_SHOWN = 40;

    private final String text;
    private final Predicate<String> wanted;
    private final List<MetricSample> samples = new ArrayList<>();
    private int at;
    private int end;
    private int line;
    private int seen;

    private PrometheusText(String text, Predicate<String> wanted) {
        this.text = text;
        this.wanted = wanted;
    }

    /**
     * The samples whose names {@code wanted} takes, in their order; all others are checked alike.
     *
     * @throws MalformedMetricsException if any line is none of the format
     */
    static List<MetricSample> read(byte[] body, Predicate<String> wanted) throws MalformedMetricsException {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedMetricsException("It is no UTF-8.");
        }
        return new PrometheusText(text, wanted).read();
    }

    private List<MetricSample> read() throws MalformedMetricsException {
        int start = 0;
        boolean ended = false;
        while (start < text.length()) {
            int feed = text.indexOf('\n', start);
            end = feed < 0 ? text.length() : feed;
            at = start;
            line++;
            if (ended) {
                throw malformed("something follows # EOF");
            }
            skipBlanks();
            if (at < end && text.charAt(at) == '#') {
                ended = text.startsWith("# EOF", at) && at + 5 == end;
            } else if (at < end) {
                sample();
            }
            start = end + 1;
        }
        return samples;
    }

    private void sample() throws MalformedMetricsException {
        if (++seen > MOST_SAMPLES) {
            throw malformed("more than " + MOST_SAMPLES + " samples");
        }
        String name = text.charAt(at) == '{' ? "" : name(true);
        skipBlanks();
        Map<String, String> labels = Map.of();
        if (at < end && text.charAt(at) == '{') {
            Map<String, String> found = new HashMap<>();
            String quoted = labels(name, found);
            name = name.isEmpty() ? quoted : name;
            labels = found;
        }
        if (name.isEmpty()) {
            throw malformed("a sample without a name");
        }
        double value = number();
        rest();
        if (wanted.test(name)) {
            samples.add(new MetricSample(name, labels, value));
        }
    }

    /** Reads {@code {...}}; the result is the quoted name that stands in it, else empty. */
    private String labels(String name, Map<String, String> labels) throws MalformedMetricsException {
        String quotedName = "";
        at++;
        while (true) {
            skipBlanks();
            if (at < end && text.charAt(at) == '}') {
                at++;
                return quotedName;
            }
            boolean quoted = at < end && text.charAt(at) == '"';
            String key = quoted ? quoted() : name(false);
            skipBlanks();
            if (quoted && (at >= end || text.charAt(at) != '=')) {
                if (!name.isEmpty() || !quotedName.isEmpty() || !labels.isEmpty()) {
                    throw malformed("a second name");
                }
                quotedName = key;
            } else {
                expect('=');
                skipBlanks();
                if (labels.put(key, quoted()) != null) {
                    throw malformed("the label " + shown(key) + " twice");
                }
                if (labels.size() > MOST_LABELS) {
                    throw malformed("more than " + MOST_LABELS + " labels");
                }
            }
            skipBlanks();
            if (at < end && text.charAt(at) == ',') {
                at++;
            } else if (at >= end || text.charAt(at) != '}') {
                throw malformed("no comma and no end of its labels");
            }
        }
    }

    private String name(boolean colons) throws MalformedMetricsException {
        int start = at;
        while (at < end && isNamePart(text.charAt(at), at > start, colons)) {
            at++;
        }
        if (at == start) {
            throw malformed("no name where one is due");
        }
        if (at - start > LONGEST_NAME) {
            throw malformed("a name longer than " + LONGEST_NAME + " characters");
        }
        return text.substring(start, at);
    }

    private static boolean isNamePart(char c, boolean digits, boolean colons) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || c == '_'
                || (colons && c == ':')
                || (digits && c >= '0' && c <= '9');
    }

    private String quoted() throws MalformedMetricsException {
        expect('"');
        int start = at;
        while (at < end && text.charAt(at) != '"' && text.charAt(at) != '\\') {
            at++;
        }
        if (at < end && text.charAt(at) == '"') {
            return text.substring(start, at++);
        }
        StringBuilder value = new StringBuilder().append(text, start, at);
        while (at < end && text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c == '\\') {
                char escaped = at < end ? text.charAt(at++) : 0;
                switch (escaped) {
                    case '\\', '"' -> value.append(escaped);
                    case 'n' -> value.append('\n');
                    default -> throw malformed("an escape that is none of \\\\, \\\" and \\n");
                }
            } else {
                value.append(c);
            }
        }
        expect('"');
        return value.toString();
    }

    private double number() throws MalformedMetricsException {
        String word = word("value");
        switch (word.charAt(0) == '+' || word.charAt(0) == '-' ? word.substring(1) : word) {
            case "Inf", "inf", "Infinity" -> {
                return word.charAt(0) == '-' ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
            }
            case "NaN", "nan" -> {
                return Double.NaN;
            }
            default -> {
                try {
                    // no letters but e: Java knows more forms of numbers than the format
                    if (word.chars().allMatch(c -> (c >= '0' && c <= '9') || "+-.eE".indexOf(c) >= 0)) {
                        return Double.parseDouble(word);
                    }
                } catch (NumberFormatException none) {
                    // said below
                }
                throw malformed("the value (" + shown(word) + ") is no number");
            }
        }
    }

    /** What may follow a value: a timestamp, an exemplar. */
    private void rest() throws MalformedMetricsException {
        skipBlanks();
        if (at < end && text.charAt(at) != '#') {
            timestamp();
        }
        if (at < end && text.charAt(at) == '#') {
            at++;
            skipBlanks();
            if (at >= end || text.charAt(at) != '{') {
                throw malformed("an exemplar without labels");
            }
            labels("exemplar", new HashMap<>());
            number();
            skipBlanks();
            if (at < end) {
                timestamp();
            }
        }
        if (at < end) {
            throw malformed("something follows the sample");
        }
    }

    private void timestamp() throws MalformedMetricsException {
        String word = word("timestamp");
        if (!word.matches("[+-]?[0-9]+(?:\\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")) {
            throw malformed("the timestamp (" + shown(word) + ") is no number");
        }
        skipBlanks();
    }

    private String word(String what) throws MalformedMetricsException {
        skipBlanks();
        int start = at;
        while (at < end && !isBlank(text.charAt(at))) {
            at++;
        }
        if (start == at) {
            throw malformed("no " + what);
        }
        if (at - start > LONGEST_NUMBER) {
            throw malformed("a " + what + " longer than " + LONGEST_NUMBER + " characters");
        }
        return text.substring(start, at);
    }

    private void expect(char c) throws MalformedMetricsException {
        if (at >= end || text.charAt(at) != c) {
            throw malformed("no " + c + " where one is due");
        }
        at++;
    }

    private void skipBlanks() {
        while (at < end && isBlank(text.charAt(at))) {
            at++;
        }
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    private static String shown(String text) {
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "...";
    }

    private MalformedMetricsException malformed(String why) {
        return new MalformedMetricsException("Its line " + line + " is none of Prometheus' format: " + why + ".");
    }
}

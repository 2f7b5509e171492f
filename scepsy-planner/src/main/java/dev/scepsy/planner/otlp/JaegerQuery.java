package dev.scepsy.planner.otlp;

import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which traces of a Jaeger are asked for. Immutable.
 *
 * @param server root of its query service, such as {@code http://localhost:16686}
 * @param service the traced service
 * @param operation only traces with this span name; empty: all
 * @param lookback how far back from now traces may have started
 * @param limit most traces
 */
public record JaegerQuery(URI server, String service, Optional<String> operation, Duration lookback, int limit) {

    static final String SCHEME = "jaeger:";

    /** A day, as far as a memory store usually reaches. */
    public static final Duration DEFAULT_LOOKBACK = Duration.ofHours(24);

    /** Jaeger itself would stop at 100. */
    public static final int DEFAULT_LIMIT = 10_000;

    private static final Pattern SHORT_DURATION = Pattern.compile("(\\d+)([smhd])");

    /**
     * The query in {@code URL?service=NAME[&operation=NAME][&lookback=6h][&limit=1000]}. Values may be written as they are
     * ({@code operation=chat executor}) or encoded; a plus is a blank, as in every query, and {@code %2B} a plus.
     *
     * @throws IllegalArgumentException saying what is missing or wrong
     */
    static JaegerQuery parse(String address) {
        URI uri = URI.create(encoded(address));
        if (uri.getScheme() == null
                || !uri.getScheme().matches("https?")
                || uri.getHost() == null
                || uri.getPort() == 0
                || uri.getPort() > 65_535) {
            throw new IllegalArgumentException("The Jaeger address (" + uri
                    + ") must be like jaeger:http://localhost:16686?service=NAME, with the port of Jaeger's own page.");
        }
        if (uri.getRawUserInfo() != null) {
            throw new IllegalArgumentException("The Jaeger address must be without user and password: Jaeger's query"
                    + " service knows none. Name a proxy that adds them.");
        }
        Map<String, String> parameters = parameters(uri);
        String service = parameters.remove("service");
        if (service == null || service.isEmpty()) {
            throw new IllegalArgumentException("The Jaeger address (" + uri + ") names no service: add ?service=NAME.");
        }
        String operation = parameters.remove("operation");
        String lookback = parameters.remove("lookback");
        String limit = parameters.remove("limit");
        if (!parameters.isEmpty()) {
            throw new IllegalArgumentException("The Jaeger address has unknown parameters (" + parameters.keySet()
                    + "); there are service, operation, lookback and limit.");
        }
        String path = uri.getPath() == null ? "" : uri.getPath().replaceAll("/+$", "");
        return new JaegerQuery(
                URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + path),
                service,
                Optional.ofNullable(operation),
                lookback == null ? DEFAULT_LOOKBACK : duration(lookback),
                limit == null ? DEFAULT_LIMIT : limit(limit));
    }

    /** The address with what no URI may hold encoded, behind its question mark. */
    private static String encoded(String address) {
        int query = address.indexOf('?') + 1;
        if (query == 0) {
            return address;
        }
        StringBuilder encoded = new StringBuilder(address.substring(0, query));
        for (int i = query; i < address.length(); i++) {
            char c = address.charAt(i);
            boolean percent = c == '%' && !address.substring(i + 1).matches("(?s)[0-9a-fA-F]{2}.*");
            if (percent || c <= ' ' || c == 0x7f || "\"#<>\\^`{|}".indexOf(c) >= 0) {
                encoded.append('%').append(String.format(Locale.ROOT, "%02X", (int) c));
            } else {
                encoded.append(c);
            }
        }
        return encoded.toString();
    }

    /** How API v3 spells the names of its parameters: as protobuf's JSON does, or as Jaeger did before 2.18. */
    enum Spelling {
        CAMEL,
        SNAKE;

        private String of(String snake) {
            if (this == SNAKE) {
                return snake;
            }
            return Pattern.compile("_(.)")
                    .matcher(snake)
                    .replaceAll(match -> match.group(1).toUpperCase(Locale.ROOT));
        }
    }

    /** The request to API v3, whose two times are mandatory. */
    URI request(Spelling spelling, Instant now) {
        StringBuilder request = new StringBuilder(server.toString()).append("/api/v3/traces");
        append(request, '?', spelling.of("query.service_name"), service);
        append(
                request,
                '&',
                spelling.of("query.start_time_min"),
                now.minus(lookback).toString());
        append(request, '&', spelling.of("query.start_time_max"), now.toString());
        append(request, '&', spelling.of("query.search_depth"), Integer.toString(limit));
        operation.ifPresent(name -> append(request, '&', spelling.of("query.operation_name"), name));
        return URI.create(request.toString());
    }

    private static void append(StringBuilder request, char separator, String name, String value) {
        request.append(separator).append(name).append('=').append(URLEncoder.encode(value, StandardCharsets.UTF_8));
    }

    private static Map<String, String> parameters(URI uri) {
        Map<String, String> parameters = new TreeMap<>();
        if (uri.getRawQuery() != null) {
            for (String part : uri.getRawQuery().split("&", -1)) {
                int equals = part.indexOf('=');
                String name = equals < 0 ? part : part.substring(0, equals);
                String value = equals < 0 ? "" : part.substring(equals + 1);
                parameters.put(name, URLDecoder.decode(value, StandardCharsets.UTF_8));
            }
        }
        return parameters;
    }

    private static Duration duration(String text) {
        Matcher matcher = SHORT_DURATION.matcher(text);
        try {
            if (!matcher.matches()) {
                return Duration.parse(text);
            }
            long amount = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                default -> Duration.ofDays(amount);
            };
        } catch (DateTimeParseException | NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "The lookback (" + text + ") must be a duration, such as 90m, 6h or 2d.");
        }
    }

    private static int limit(String text) {
        try {
            int limit = Integer.parseInt(text);
            if (limit > 0) {
                return limit;
            }
        } catch (NumberFormatException notANumber) {
            // said below
        }
        throw new IllegalArgumentException("The limit (" + text + ") must be a whole number above 0.");
    }
}

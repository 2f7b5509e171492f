package dev.scepsy.planner.serve.web;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoublePredicate;
import org.jspecify.annotations.Nullable;

/** What a request's body says. Collects everything that is wrong with it; {@link #check} says it. */
final class Given {

    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(WebLimits.MOST_NESTING)
                            .maxNumberLength(WebLimits.MOST_NUMBER_CHARACTERS)
                            .maxStringLength(WebLimits.MOST_BODY_BYTES)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final JsonNode body;
    private final String at;
    private final List<String> problems;
    private final Set<String> known = new LinkedHashSet<>();

    Given(ObjectNode body) {
        this(body, "", new ArrayList<>());
    }

    private Given(JsonNode body, String at, List<String> problems) {
        this.body = body;
        this.at = at;
        this.problems = problems;
    }

    /** The object that {@code bytes} are the JSON of; an empty one of nothing. */
    static ObjectNode parse(byte[] bytes) {
        if (bytes.length == 0) {
            return MAPPER.createObjectNode();
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            JsonNode tree = MAPPER.readTree(text);
            if (tree instanceof ObjectNode object) {
                return object;
            }
            throw Refusal.bad(List.of("The body must be a JSON object, such as {\"reason\": \"...\"}."));
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            throw Refusal.bad(List.of("The body cannot be read as JSON"
                    + (at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")") + ": "
                    + Query.shortened(e.getOriginalMessage().lines().findFirst().orElse("")) + "."));
        } catch (IOException e) {
            throw Refusal.bad(List.of("The body is not UTF-8."));
        }
    }

    /** Null where it is absent or null. */
    @Nullable
    String text(String key, int mostCharacters) {
        JsonNode value = value(key);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()
                || value.textValue().isBlank()
                || value.textValue().length() > mostCharacters) {
            problem(key, "must be a text of 1 to " + mostCharacters + " characters.");
            return null;
        }
        return value.textValue();
    }

    @Nullable
    String reason() {
        return text("reason", WebLimits.MOST_REASON_CHARACTERS);
    }

    @Nullable
    Double number(String key, DoublePredicate right, String rule) {
        JsonNode value = value(key);
        return value == null ? null : number(key, value, right, rule);
    }

    private @Nullable Double number(String key, JsonNode value, DoublePredicate right, String rule) {
        if (!value.isNumber() || !Double.isFinite(value.doubleValue()) || !right.test(value.doubleValue())) {
            problem(key, "must be a number " + rule + ".");
            return null;
        }
        return value.doubleValue();
    }

    @Nullable
    Integer integer(String key, int least, int most) {
        JsonNode value = value(key);
        return value == null ? null : integer(key, value, least, most);
    }

    private @Nullable Integer integer(String key, JsonNode value, int least, int most) {
        if (!value.isNumber()
                || value.doubleValue() != Math.rint(value.doubleValue())
                || value.doubleValue() < least
                || value.doubleValue() > most) {
            problem(key, "must be a whole number from " + least + " to " + most + ".");
            return null;
        }
        return (int) value.doubleValue();
    }

    Map<String, Double> numbers(String key, DoublePredicate right, String rule) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        entries(key, (name, value) -> {
            Double number = number(key + "." + Query.shortened(name), value, right, rule);
            if (number != null) {
                numbers.put(name, number);
            }
        });
        return numbers;
    }

    Map<String, Integer> integers(String key, int least, int most) {
        Map<String, Integer> integers = new LinkedHashMap<>();
        entries(key, (name, value) -> {
            Integer integer = integer(key + "." + Query.shortened(name), value, least, most);
            if (integer != null) {
                integers.put(name, integer);
            }
        });
        return integers;
    }

    private void entries(String key, java.util.function.BiConsumer<String, JsonNode> each) {
        JsonNode value = value(key);
        if (value == null) {
            return;
        }
        if (!value.isObject() || value.size() > WebLimits.MOST_ENTRIES) {
            problem(key, "must be an object of at most " + WebLimits.MOST_ENTRIES + " entries.");
            return;
        }
        value.properties().forEach(entry -> {
            if (entry.getKey().isBlank() || entry.getKey().length() > WebLimits.MOST_NAME_CHARACTERS) {
                problem(key, "must have names of 1 to " + WebLimits.MOST_NAME_CHARACTERS + " characters.");
            } else {
                each.accept(entry.getKey(), entry.getValue());
            }
        });
    }

    List<String> texts(String key) {
        JsonNode value = value(key);
        if (value == null) {
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        boolean right = value.isArray() && value.size() <= WebLimits.MOST_ENTRIES;
        for (JsonNode each : value) {
            right &= each.isTextual()
                    && !each.textValue().isBlank()
                    && each.textValue().length() <= WebLimits.MOST_NAME_CHARACTERS;
            texts.add(each.asText());
        }
        if (!right) {
            problem(
                    key,
                    "must be a list of at most " + WebLimits.MOST_ENTRIES + " texts of 1 to "
                            + WebLimits.MOST_NAME_CHARACTERS + " characters.");
            return List.of();
        }
        return texts;
    }

    /** A moment after {@code now}. */
    @Nullable
    Instant until(String key, Instant now) {
        String text = text(key, 64);
        if (text == null) {
            return null;
        }
        try {
            Instant until = OffsetDateTime.parse(text).toInstant();
            if (until.isAfter(now)) {
                return until;
            }
            problem(key, "(" + until + ") has passed: it is " + now + ". Give a later moment, or leave it out.");
        } catch (DateTimeParseException e) {
            problem(key, "must be a moment with its zone, such as 2026-01-31T18:00:00Z.");
        }
        return null;
    }

    /** An object below this one; null where it is absent or null. */
    @Nullable
    Given object(String key) {
        JsonNode value = value(key);
        if (value == null) {
            return null;
        }
        if (!value.isObject()) {
            problem(key, "must be an object.");
            return null;
        }
        return new Given(value, at + key + ".", problems);
    }

    /** Names what nobody asked for; to be called after everything else was. */
    Given only() {
        body.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                problem(
                        Query.shortened(name),
                        "is not known." + (known.isEmpty() ? "" : " Known: " + String.join(", ", known) + "."));
            }
        });
        return this;
    }

    /** @throws Refusal 400, where anything is wrong, or not known */
    void check() {
        only();
        if (!problems.isEmpty()) {
            throw Refusal.bad(problems);
        }
    }

    private @Nullable JsonNode value(String key) {
        known.add(key);
        JsonNode value = body.get(key);
        return value == null || value.isNull() ? null : value;
    }

    private void problem(String key, String sentence) {
        problems.add("The body's " + at + key + " " + sentence);
    }
}

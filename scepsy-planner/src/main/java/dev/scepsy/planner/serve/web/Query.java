package dev.scepsy.planner.serve.web;

import com.linecorp.armeria.common.QueryParams;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A request's query. Collects what is wrong with it; {@link #check} says all of it. */
final class Query {

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(s|m|h|d)");

    private final QueryParams parameters;
    private final Set<String> known = new TreeSet<>();
    private final List<String> problems = new ArrayList<>();

    Query(QueryParams parameters) {
        this.parameters = parameters;
    }

    Optional<String> text(String name) {
        known.add(name);
        List<String> values = parameters.getAll(name);
        if (values.size() > 1) {
            problem(name, "is given " + values.size() + " times. Give it once.");
        }
        if (values.isEmpty()) {
            return Optional.empty();
        }
        if (values.get(0).isEmpty()) {
            problem(name, "is empty. Give a value, or leave it out.");
            return Optional.empty();
        }
        return Optional.of(values.get(0));
    }

    /** Empty, and a problem, where it is missing. */
    String required(String name, String remedy) {
        int before = problems.size();
        Optional<String> value = text(name);
        if (value.isEmpty() && problems.size() == before) {
            problem(name, "is missing. " + remedy);
        }
        return value.orElse("");
    }

    int integer(String name, int least, int most, int otherwise) {
        Optional<String> text = text(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            int value = Integer.parseInt(text.get());
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        problem(name, "(" + shortened(text.get()) + ") must be a whole number from " + least + " to " + most + ".");
        return otherwise;
    }

    /** Such as {@code 5m}, above zero and at most {@code most}. */
    Optional<Duration> duration(String name, Duration most) {
        Optional<String> text = text(name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Matcher parts = DURATION.matcher(text.get());
        if (parts.matches()) {
            long count = Long.parseLong(parts.group(1));
            Duration value = switch (parts.group(2)) {
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                case "h" -> Duration.ofHours(count);
                default -> Duration.ofDays(count);
            };
            if (!value.isZero() && value.compareTo(most) <= 0) {
                return Optional.of(value);
            }
        }
        problem(
                name,
                "(" + shortened(text.get()) + ") must be a duration such as 30s, 5m, 2h or 1d, above zero and at most "
                        + most.toSeconds() + "s.");
        return Optional.empty();
    }

    void problem(String name, String sentence) {
        problems.add("The query's " + name + " " + sentence);
    }

    /** @throws Refusal 400, where anything is wrong, or not known */
    void check() {
        for (String name : parameters.names()) {
            if (!known.contains(name)) {
                problem(
                        shortened(name),
                        "is not known."
                                + (known.isEmpty() ? " Leave it out." : " Known: " + String.join(", ", known) + "."));
            }
        }
        if (!problems.isEmpty()) {
            throw Refusal.bad(problems);
        }
    }

    static String shortened(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "...";
    }
}

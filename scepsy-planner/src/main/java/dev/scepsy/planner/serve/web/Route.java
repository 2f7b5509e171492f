package dev.scepsy.planner.serve.web;

import com.linecorp.armeria.common.HttpMethod;
import dev.scepsy.planner.serve.loop.Operations;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One address.
 *
 * @param template path with parameters in braces; the last one may end in {@code *}: the rest of the path
 * @param access who may
 * @param work how it is answered
 */
record Route(HttpMethod method, String template, Access access, Work work) {

    /** Who may. */
    enum Access {
        /** All, under whatever name. */
        PROBE,
        /** All, under a name of the service's. */
        PUBLIC,
        VIEWER,
        OPERATOR
    }

    /** Answers. */
    @FunctionalInterface
    interface Work {
        Answer answer(Exchange exchange)
                throws Operations.ConflictException, Operations.UnknownException, Operations.BadRequestException;
    }

    /** Whether it changes something, as its method says. */
    boolean changes() {
        return method != HttpMethod.GET;
    }

    /** Values of the parameters where the path is this one's. */
    Optional<Map<String, String>> match(List<String> path) {
        String[] parts = template.substring(1).split("/", -1);
        boolean rest = template.endsWith("*}");
        if (rest ? path.size() < parts.length : path.size() != parts.length) {
            return Optional.empty();
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            if (rest && i == parts.length - 1) {
                values.put(part.substring(1, part.length() - 2), String.join("/", path.subList(i, path.size())));
            } else if (part.startsWith("{")) {
                if (path.get(i).isEmpty()) {
                    return Optional.empty();
                }
                values.put(part.substring(1, part.length() - 1), path.get(i));
            } else if (!part.equals(path.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(values);
    }
}

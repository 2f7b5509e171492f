package dev.scepsy.planner.receive;

import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Who may send. Asked by several threads at once, on those that serve connections: must be quick. */
@FunctionalInterface
public interface Gate {

    /** All may. */
    Gate OPEN = header -> Optional.empty();

    /**
     * Why a request is not taken, before its body is read; empty where it is.
     *
     * @param header value of a header by its name in lower case, null where the request lacks it
     */
    Optional<Outcome> turnAway(Function<String, @Nullable String> header);
}

package dev.scepsy.planner.serve.web;

import dev.scepsy.planner.serve.settings.Actor;
import java.util.Optional;

/** Knows whose token it is. Must compare in constant time, and know no more what was taken out of the file. Thread-safe. */
@FunctionalInterface
public interface Guard {

    /** Whose token it is; empty: nobody's. */
    Optional<Actor> actor(String token);
}

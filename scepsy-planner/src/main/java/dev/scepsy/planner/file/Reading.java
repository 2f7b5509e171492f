package dev.scepsy.planner.file;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What came of reading a file: its value, or everything that is wrong with it. Immutable.
 *
 * @param <T> what the file describes
 */
public sealed interface Reading<T> {

    /**
     * The file is well formed.
     *
     * @param source where its parts stand, to report what only several files together show to be wrong
     * @param warnings what was accepted but ignored or doubtful
     */
    record Legal<T>(T value, Source source, List<Problem> warnings) implements Reading<T> {

        public Legal {
            warnings = List.copyOf(warnings);
        }
    }

    /** The file cannot be used; {@code problems} has every reason, in the order of the lines, at least one. */
    record Malformed<T>(List<Problem> problems, List<Problem> warnings) implements Reading<T> {

        public Malformed {
            problems = List.copyOf(problems);
            warnings = List.copyOf(warnings);
        }
    }

    List<Problem> warnings();

    /** The value; empty when the file is malformed. */
    default Optional<T> legalValue() {
        return this instanceof Legal<T> legal ? Optional.of(legal.value()) : Optional.empty();
    }

    /** Why the file cannot be used; empty when it can. */
    default List<Problem> whyMalformed() {
        return this instanceof Malformed<T> malformed ? malformed.problems() : List.of();
    }

    /** This reading with its value replaced by what {@code change} makes of it. */
    default <U> Reading<U> map(Function<? super T, ? extends U> change) {
        if (this instanceof Legal<T> legal) {
            return new Legal<>(change.apply(legal.value()), legal.source(), legal.warnings());
        }
        return new Malformed<>(whyMalformed(), warnings());
    }
}

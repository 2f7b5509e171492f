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

    /**
     * The file cannot be used.
     *
     * @param problems every reason, in the order of the lines, at least one
     * @param seen what could be read all the same, with legal stand-ins for what is wrong: good for finding what else is
     *     wrong, and for nothing else
     */
    record Malformed<T>(List<Problem> problems, List<Problem> warnings, Optional<Legal<T>> seen) implements Reading<T> {

        public Malformed {
            problems = List.copyOf(problems);
            warnings = List.copyOf(warnings);
        }

        /** Nothing could be read. */
        public Malformed(List<Problem> problems, List<Problem> warnings) {
            this(problems, warnings, Optional.empty());
        }
    }

    List<Problem> warnings();

    /** The value; empty when the file is malformed. */
    default Optional<T> legalValue() {
        return this instanceof Legal<T> legal ? Optional.of(legal.value()) : Optional.empty();
    }

    /** The value, or what could be read of it; empty when nothing could. */
    default Optional<Legal<T>> readAllTheSame() {
        if (this instanceof Legal<T> legal) {
            return Optional.of(legal);
        }
        return this instanceof Malformed<T> malformed ? malformed.seen() : Optional.empty();
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
        return new Malformed<>(
                whyMalformed(),
                warnings(),
                readAllTheSame().map(seen -> new Legal<>(change.apply(seen.value()), seen.source(), seen.warnings())));
    }
}

package dev.scepsy.planner.file;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Collects what is wrong or doubtful while a document is read, so that everything is reported at once. */
final class Findings {

    private final Source source;
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    Findings(Source source) {
        this.source = source;
    }

    Source source() {
        return source;
    }

    void problem(String path, Source.Position position, String message) {
        problems.add(new Problem(source.name(), path, position.line(), position.column(), message));
    }

    void problem(String path, String message) {
        problems.add(source.problem(path, message));
    }

    void warning(String path, String message) {
        warnings.add(source.problem(path, message));
    }

    /** The value, if nothing was found wrong. */
    <T> Reading<T> reading(T value) {
        if (problems.isEmpty()) {
            return new Reading.Legal<>(value, source, warnings);
        }
        Comparator<Problem> byPlace = Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column);
        return new Reading.Malformed<>(
                problems.stream().sorted(byPlace).toList(),
                warnings,
                Optional.of(new Reading.Legal<>(value, source, warnings)));
    }
}

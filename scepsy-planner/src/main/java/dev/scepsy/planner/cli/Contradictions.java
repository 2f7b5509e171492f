package dev.scepsy.planner.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** What arguments of any verb must not say together: that an input be overwritten by the result, or two values of one key. */
final class Contradictions {

    /** The plan that runs may become the next one. */
    private static final List<String> MAY_BE_REPLACED = List.of("--current");

    private Contradictions() {}

    /** A sentence about the first, if there is one. */
    static Optional<String> in(ParseResult verb) {
        return verb.commandSpec().args().stream()
                .flatMap(argument -> twice(argument)
                        .or(() -> argument instanceof OptionSpec option
                                        && option.longestName().equals("--out")
                                ? overwritten(option, verb)
                                : Optional.empty())
                        .stream())
                .findFirst();
    }

    private static Optional<String> twice(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option) || !option.type().equals(Map.class)) {
            return Optional.empty();
        }
        Set<String> keys = new HashSet<>();
        return option.originalStringValues().stream()
                .map(value -> value.contains("=") ? value.substring(0, value.indexOf('=')) : value)
                .filter(key -> !keys.add(key))
                .findFirst()
                .map(key -> option.longestName() + ": (" + key + ") is given twice. Keep one.");
    }

    private static Optional<String> overwritten(OptionSpec out, ParseResult verb) {
        return out.originalStringValues().stream()
                .flatMap(written -> verb.commandSpec().args().stream()
                        .filter(other -> other != out
                                && !(other instanceof OptionSpec option
                                        && MAY_BE_REPLACED.contains(option.longestName())))
                        .filter(other ->
                                other.originalStringValues().stream().anyMatch(read -> isSameFile(read, written)))
                        .map(other -> "--out: The file (" + written + ") is what "
                                + (other instanceof OptionSpec option ? option.longestName() : "the command")
                                + " reads; the result would take its place. Name another."))
                .findFirst();
    }

    private static boolean isSameFile(String one, String other) {
        try {
            return Files.isRegularFile(Path.of(one)) && Files.isSameFile(Path.of(one), Path.of(other));
        } catch (IOException | InvalidPathException differs) {
            // whoever opens it says what is wrong with it
            return false;
        }
    }
}

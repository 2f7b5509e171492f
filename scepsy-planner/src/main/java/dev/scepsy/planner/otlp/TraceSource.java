package dev.scepsy.planner.otlp;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Where traces are read from. */
public sealed interface TraceSource {

    /** As messages name it. */
    String name();

    /** A file of OTLP JSON lines, plain or gzip. */
    record TraceFile(Path path) implements TraceSource {
        @Override
        public String name() {
            return path.toString();
        }
    }

    /** The API of a running Jaeger, and which of its traces. */
    record Jaeger(JaegerQuery query) implements TraceSource {
        @Override
        public String name() {
            return "jaeger:" + query.server();
        }
    }

    /**
     * The sources that one argument names: {@code jaeger:URL?service=NAME}, a file, a folder (all files in and below it that
     * are not hidden), or a pattern such as {@code traces/*.jsonl}; files in the order of their names.
     *
     * @throws IllegalArgumentException if it names nothing, saying what to do
     * @throws IOException if a folder cannot be read
     */
    static List<TraceSource> named(String argument) throws IOException {
        if (argument.startsWith(JaegerQuery.SCHEME)) {
            return List.of(new Jaeger(JaegerQuery.parse(argument.substring(JaegerQuery.SCHEME.length()))));
        }
        if (argument.isBlank()) {
            throw new IllegalArgumentException(
                    "The name of a file or folder of traces is empty. Name OTLP JSON lines, or jaeger:URL?service=NAME.");
        }
        Path path = Path.of(argument);
        if (Files.isDirectory(path)) {
            return filesBelow(path, FileSystems.getDefault().getPathMatcher("glob:**"), argument);
        }
        if (Files.exists(path)) {
            return List.of(new TraceFile(path));
        }
        if (argument.matches(".*[*?\\[{].*")) {
            return matching(path, argument);
        }
        throw new IllegalArgumentException(
                "There is no file or folder (" + argument + "). Name OTLP JSON lines, or jaeger:URL?service=NAME.");
    }

    private static List<TraceSource> matching(Path pattern, String argument) throws IOException {
        Path base = pattern.isAbsolute() ? pattern.getRoot() : Path.of("");
        for (Path part : pattern) {
            if (part.toString().matches(".*[*?\\[{].*")) {
                break;
            }
            base = base.resolve(part);
        }
        if (!Files.isDirectory(base)) {
            throw new IllegalArgumentException("There is no folder (" + base + ") to look for (" + argument + ") in.");
        }
        return filesBelow(base, FileSystems.getDefault().getPathMatcher("glob:" + argument), argument);
    }

    private static List<TraceSource> filesBelow(Path folder, PathMatcher matcher, String argument) throws IOException {
        List<TraceSource> sources = new ArrayList<>();
        try (Stream<Path> found = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            for (Path path : (Iterable<Path>) found.sorted()::iterator) {
                if (matcher.matches(path) && Files.isRegularFile(path) && !isHiddenBelow(folder, path)) {
                    sources.add(new TraceFile(path));
                }
            }
        }
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("There is no file in (" + argument + "). Name OTLP JSON lines.");
        }
        return sources;
    }

    private static boolean isHiddenBelow(Path folder, Path path) {
        for (Path part : folder.relativize(path)) {
            if (part.toString().startsWith(".") && part.toString().length() > 1) {
                return true;
            }
        }
        return false;
    }
}

package dev.scepsy.planner.file;

import java.nio.file.Path;
import java.util.Map;

/**
 * A document and where its parts stand, so that a rule which needs several files can still name the line it speaks of.
 * Immutable and thread-safe.
 */
public final class Source {

    private final String name;
    private final Map<String, Position> positions;

    Source(String name, Map<String, Position> positions) {
        this.name = name;
        this.positions = Map.copyOf(positions);
    }

    /** Line and column, both from 1. */
    record Position(int line, int column) {

        static final Position NONE = new Position(0, 0);
    }

    /** A source that is no file, such as the statistics of the running application: its problems have no line. */
    public static Source unwritten(String name) {
        return new Source(name, Map.of());
    }

    /** The file's name as the caller gave it, or what the unwritten source is called. */
    public String name() {
        return name;
    }

    /** Whether this is a file, not what a running program or a recording says. */
    public boolean isWritten() {
        return !positions.isEmpty();
    }

    /** A problem at {@code path}, or at the nearest part above it that the document has. */
    public Problem problem(String path, String message) {
        Position position = Position.NONE;
        for (String part = path; ; part = parent(part)) {
            Position found = positions.get(part);
            if (found != null) {
                position = found;
                break;
            }
            if (part.isEmpty()) {
                break;
            }
        }
        return new Problem(name, path, position.line(), position.column(), message);
    }

    /** The folder that relative paths inside the document start from. */
    Path folder() {
        Path parent = Path.of(name).toAbsolutePath().getParent();
        return parent == null ? Path.of("") : parent;
    }

    private static String parent(String path) {
        int end = Math.max(path.lastIndexOf('.'), path.lastIndexOf('['));
        return end < 0 ? "" : path.substring(0, end);
    }
}

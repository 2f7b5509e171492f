package dev.scepsy.planner.file;

/**
 * One thing that is wrong in a file, told to a person. Immutable.
 *
 * @param file the file as the caller named it
 * @param path where in the document, such as {@code racks[0].nodes[1].gpus}; empty: the document as a whole
 * @param line from 1; 0 where no line can be named, as for a file that is missing
 * @param column from 1; 0 as for {@code line}
 * @param message names the value and the rule, then says what to do; what an input made endless is cut, and passwords in addresses are hidden
 */
public record Problem(String file, String path, int line, int column, String message) {

    public Problem {
        file = Hidden.passwords(file);
        path = Shortened.sentence(Hidden.passwords(path));
        message = Shortened.sentence(Hidden.passwords(message));
    }

    /** {@code cluster.yaml:4:12: racks[0].nodes[1].gpus: The gpus (0) must be at least 1.} */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(file);
        if (line > 0) {
            text.append(':').append(line).append(':').append(column);
        }
        if (!path.isEmpty()) {
            text.append(": ").append(path);
        }
        return text.append(": ").append(message).toString();
    }
}

package dev.scepsy.samples.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/** The wall's clock as a service sees it ({@code serve --time-moved}), moved while it runs; its monotonic clock is left alone. Thread-safe. */
final class MovedClock {

    private final Path file;
    private volatile Duration by = Duration.ZERO;

    /** @param file that says how far it is moved */
    MovedClock(Path file) {
        this.file = file;
        move(Duration.ZERO);
    }

    /** From the real time. */
    void move(Duration difference) {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        try {
            Files.writeString(next, Long.toString(difference.toSeconds()));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        by = difference;
    }

    Duration by() {
        return by;
    }

    Path file() {
        return file;
    }
}

package dev.scepsy.planner.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The wall's clock, moved by as many seconds as a file says, which is read again a few times a second; 0 where it cannot be read. Thread-safe. */
final class MovedWall implements InstantSource {

    private static final Duration READ_EVERY = Duration.ofMillis(100);

    private final Path file;
    private volatile Duration by;
    private volatile long readNanos;

    MovedWall(Path file) {
        this.file = file;
        this.by = read();
        this.readNanos = System.nanoTime();
    }

    @Override
    public Instant instant() {
        if (System.nanoTime() - readNanos > READ_EVERY.toNanos()) {
            readNanos = System.nanoTime();
            by = read();
        }
        return Instant.now().plus(by);
    }

    private Duration read() {
        try {
            return Duration.ofSeconds(Long.parseLong(Files.readString(file).strip()));
        } catch (IOException | NumberFormatException unreadable) {
            return Duration.ZERO;
        }
    }
}

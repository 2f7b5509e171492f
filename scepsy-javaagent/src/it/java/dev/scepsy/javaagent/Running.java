package dev.scepsy.javaagent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A program that runs in a process of its own; killed on close if it still does. Not thread-safe. */
final class Running implements AutoCloseable {

    private static final long DEADLINE_SECONDS = 300; // Generous: many forks may share few processors.
    private static final long POLL_MILLIS = 20;

    private final List<String> command;
    private final Process process;
    private final Path out;
    private final Path err;
    private final long startNanos = System.nanoTime();

    Running(List<String> command, Map<String, String> environment) {
        this.command = command;
        try {
            out = Files.createTempFile("scepsy-it", ".out");
            err = Files.createTempFile("scepsy-it", ".err");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment()
                    .keySet()
                    .removeIf(name ->
                            name.startsWith("OTEL_") || name.startsWith("SCEPSY_") || name.startsWith("JAVA_TOOL"));
            builder.environment().putAll(environment);
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** What it has written to standard output so far. */
    String out() {
        return read(out);
    }

    /** What it has written to standard error so far. */
    String err() {
        return read(err);
    }

    /** Waits until something is so; an error with all it has written when it ends or takes too long before. */
    void await(String what, Supplier<Boolean> so) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!so.get()) {
            boolean over = System.nanoTime() > deadline || !process.isAlive();
            if (over && !so.get()) {
                throw new IllegalStateException(
                        what + " did not come about in " + command + ":\n" + out() + "\n" + err());
            }
            pause();
        }
    }

    private void pause() {
        try {
            process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Ends its standard input and waits for its end. */
    ForkedJvm.Outcome end() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(command + " did not end:\n" + err());
            }
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
            return new ForkedJvm.Outcome(process.exitValue(), out(), err(), millis);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            process.destroyForcibly().waitFor();
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

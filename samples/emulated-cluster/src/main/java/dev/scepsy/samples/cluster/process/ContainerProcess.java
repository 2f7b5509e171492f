package dev.scepsy.samples.cluster.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * A process of this machine that stands for a container: what it prints, how it ends. It and its children end with this JVM at the latest.
 * Thread-safe.
 */
public final class ContainerProcess {
    private static final long LONGEST_DEATH_SECONDS = 2;
    private static final Set<ContainerProcess> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> RUNNING.forEach(ContainerProcess::kill), "emulated-cluster-processes"));
    }

    private final Process process;

    private ContainerProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts it.
     *
     * @param environment all variables it sees
     * @param line hears each line of its output, on a thread of its own
     * @param exited hears its exit code once, after its last line, on that thread; 128 and the signal's number where a signal ended it
     * @throws IOException if it cannot be started
     */
    public static ContainerProcess start(
            List<String> command,
            Map<String, String> environment,
            Path folder,
            Consumer<String> line,
            IntConsumer exited)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        ContainerProcess started = new ContainerProcess(builder.start());
        RUNNING.add(started);
        started.process.getOutputStream().close();
        Thread reader = new Thread(() -> started.follow(line, exited), "container-" + started.process.pid());
        reader.setDaemon(true);
        reader.start();
        return started;
    }

    private void follow(Consumer<String> line, IntConsumer exited) {
        try (BufferedReader out = process.inputReader()) {
            for (String next = out.readLine(); next != null; next = out.readLine()) {
                line.accept(next);
            }
        } catch (IOException ended) {
            line.accept("its output could not be read any further: " + ended);
        }
        int code = process.onExit().join().exitValue();
        RUNNING.remove(this);
        exited.accept(code);
    }

    public long pid() {
        return process.pid();
    }

    /**
     * Sends a signal, as a container runtime does: to the process, not to its children.
     *
     * @param name such as {@code TERM} or {@code USR1}
     * @throws IOException if there is no {@code kill} program
     */
    public void signal(String name) throws IOException {
        if (process.isAlive()) {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        }
    }

    /** Kills it and its children at once, and waits for its end: milliseconds. */
    public void kill() {
        // Children have to be known before they are orphans; those are whoever adopts them to bury, so nobody waits for
        // them here.
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        try {
            if (!process.waitFor(LONGEST_DEATH_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("process " + process.pid() + " does not die");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

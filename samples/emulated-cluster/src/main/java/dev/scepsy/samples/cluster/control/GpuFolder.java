package dev.scepsy.samples.cluster.control;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the engine processes of one host know of each other's GPU memory: a file for each in a folder, named by its process. Files of
 * processes that are gone count for nothing.
 */
final class GpuFolder {

    /** One process on its GPUs. */
    record Entry(long process, List<Integer> gpus, double takenBytes, boolean profiling) {
        private String text() {
            return gpus.stream()
                            .map(String::valueOf)
                            .reduce((all, gpu) -> all + "," + gpu)
                            .orElse("") + " " + takenBytes + " " + profiling;
        }

        private static Entry read(Path file) throws IOException {
            String[] parts = Files.readString(file).strip().split(" ");
            return new Entry(
                    Long.parseLong(file.getFileName().toString()),
                    Arrays.stream(parts[0].split(",")).map(Integer::valueOf).toList(),
                    Double.parseDouble(parts[1]),
                    Boolean.parseBoolean(parts[2]));
        }
    }

    /** Decides under the lock of the folder what becomes of a start, given the others on its GPUs. */
    interface Decision<T> {
        T of(List<Entry> others) throws IOException;
    }

    private final Path folder;

    GpuFolder(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    <T> T alone(List<Integer> gpus, Decision<T> decision) throws IOException {
        try (FileChannel lock =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            lock.lock(); // until the channel is closed
            return decision.of(others(gpus));
        }
    }

    void write(Entry entry) throws IOException {
        Path file = folder.resolve(Long.toString(entry.process()));
        Path whole = folder.resolve(entry.process() + ".new");
        Files.writeString(whole, entry.text());
        Files.move(whole, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    void remove(long process) throws IOException {
        Files.deleteIfExists(folder.resolve(Long.toString(process)));
    }

    private List<Entry> others(List<Integer> gpus) throws IOException {
        List<Entry> others = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(each -> each.getFileName().toString().matches("\\d+"))
                    .toList()) {
                Entry entry = Entry.read(file);
                boolean lives = ProcessHandle.of(entry.process())
                        .filter(ProcessHandle::isAlive)
                        .isPresent();
                if (!lives) {
                    Files.deleteIfExists(file);
                } else if (!Collections.disjoint(entry.gpus(), gpus)) {
                    others.add(entry);
                }
            }
        }
        return others;
    }
}

package dev.scepsy.planner.recorded;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A temporary file for what does not fit into memory: parts of partitions, one after another. Read by any number of threads. */
final class Overflow implements AutoCloseable {

    private static final int BUFFER_BYTES = 1 << 18;

    private record Part(long offset, int length) {}

    private final List<List<Part>> partsByPartition = new ArrayList<>();
    private @Nullable Path file;
    private @Nullable FileChannel channel;
    private long length;

    Overflow(int partitions) {
        for (int i = 0; i < partitions; i++) {
            partsByPartition.add(new ArrayList<>());
        }
    }

    /** Moves all of the partitions there. */
    void take(ByteSink[] partitions) throws IOException {
        try {
            if (file == null) {
                file = Files.createTempFile("scepsy-spans", ".tmp");
                channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            }
            write(partitions, file);
        } catch (IOException e) {
            throw new IOException(
                    "the spans do not fit into memory, and the temporary folder ("
                            + System.getProperty("java.io.tmpdir")
                            + ") does not take them: " + e.getMessage()
                            + ". Give more memory (java -Xmx2g ...) or another folder (java -Djava.io.tmpdir=...)",
                    e);
        }
    }

    private void write(ByteSink[] partitions, Path path) throws IOException {
        try (RandomAccessFile end = new RandomAccessFile(path.toFile(), "rw")) {
            end.seek(length);
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(end.getChannel()), BUFFER_BYTES);
            for (int p = 0; p < partitions.length; p++) {
                ByteSink partition = partitions[p];
                int bytes = Math.toIntExact(partition.length());
                if (bytes > 0) {
                    partition.writeTo(out);
                    partsByPartition.get(p).add(new Part(length, bytes));
                    length += bytes;
                    partition.clear();
                }
            }
            out.flush();
        }
    }

    /** What was moved there of one partition. */
    List<SpanCodec.Input> inputs(int partition) throws IOException {
        List<SpanCodec.Input> inputs = new ArrayList<>();
        FileChannel open = channel;
        if (open != null) {
            for (Part part : partsByPartition.get(partition)) {
                java.nio.ByteBuffer buffer = java.nio.ByteBuffer.allocate(part.length());
                while (buffer.hasRemaining()) {
                    if (open.read(buffer, part.offset() + buffer.position()) < 0) {
                        throw new IOException("the temporary file " + file + " has been cut short");
                    }
                }
                inputs.add(new SpanCodec.Input(buffer.array(), 0, part.length()));
            }
        }
        return inputs;
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
        }
        if (file != null) {
            Files.deleteIfExists(file);
            file = null;
        }
    }
}

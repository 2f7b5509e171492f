package dev.scepsy.planner.receive;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A growing file of OTLP JSON lines, as the OpenTelemetry Collector's file exporter writes: one request a line. A line is
 * either whole in the file or not there: each goes to the operating system in one piece, and where that fails midway (a full
 * disk) the file is cut back to its last whole line. Compressed, the pieces are gzip members of many lines, which readers join.
 *
 * <p>A file that is there is continued; a half line at its end, left by a machine that went down, is closed by a line break and
 * stays visible. The file is locked against another process. Thread-safe.
 */
public final class TraceFile implements AutoCloseable {

    /** Plain bytes in a gzip member; fewer compress badly, and what is not yet written is lost when the process is killed. */
    private static final int MEMBER_BYTES = 1 << 20;

    private final Path path;
    private final boolean gzip;
    private final Rotation rotation;
    private final InstantSource clock;
    private final ByteArrayOutputStream member = new ByteArrayOutputStream();
    private FileChannel channel;
    private FileLock lock;
    private Instant since;
    private long bytes;
    private boolean tailMended;
    private final boolean made;

    /**
     * Opens a file, and makes its folder where that is missing.
     *
     * @throws IOException if it cannot be written, is in use by another process, or holds something else, saying so for people
     */
    public TraceFile(Path path, boolean gzip, Rotation rotation, InstantSource clock) throws IOException {
        this.path = path.toAbsolutePath();
        this.gzip = gzip;
        this.rotation = rotation;
        this.clock = clock;
        Path folder = this.path.getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        if (Files.isDirectory(path)) {
            throw new IOException(path + ": This is a folder; name a file.");
        }
        since = clock.instant();
        made = !Files.exists(path);
        channel = FileChannel.open(
                this.path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            lock = lock(channel);
            bytes = channel.size();
            if (bytes > 0) {
                checkWhatIsThere();
            }
            channel.position(bytes);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private FileLock lock(FileChannel opened) throws IOException {
        FileLock taken;
        try {
            taken = opened.tryLock();
        } catch (OverlappingFileLockException e) {
            taken = null;
        }
        if (taken == null) {
            throw new IOException(path + ": Another process records into this file; name another one.");
        }
        return taken;
    }

    private void checkWhatIsThere() throws IOException {
        ByteBuffer ends = ByteBuffer.allocate(3);
        channel.read(ends.limit(2), 0);
        channel.read(ends.limit(3), bytes - 1);
        boolean packed = (ends.get(0) & 0xff) == 0x1f && (ends.get(1) & 0xff) == 0x8b;
        if (packed != gzip) {
            throw new IOException(path + ": The file there is " + (packed ? "" : "not ") + "gzip; "
                    + (packed ? "add --gzip" : "leave --gzip out") + ", or name another one.");
        }
        if (packed) {
            checkMembers();
        } else if (ends.get(0) != '{' && ends.get(0) != '[') {
            throw new IOException(path + ": The file there holds no OTLP JSON lines; name another one.");
        } else if (ends.get(2) != '\n') {
            channel.write(ByteBuffer.wrap(new byte[] {'\n'}), bytes);
            bytes++;
            tailMended = true;
        }
    }

    private void checkMembers() throws IOException {
        byte[] chunk = new byte[1 << 16];
        try (GZIPInputStream all = new GZIPInputStream(Files.newInputStream(path), chunk.length)) {
            int read = all.read(chunk);
            while (read >= 0) {
                read = all.read(chunk);
            }
        } catch (IOException e) {
            throw new IOException(path + ": The gzip data there is damaged (" + e.getMessage()
                    + "), and nothing after it could be read; name another file.");
        }
    }

    /** Whether the file ended in half a line when it was opened. */
    public boolean tailMended() {
        return tailMended;
    }

    /** The file that grows, absolute. */
    public Path path() {
        return path;
    }

    /**
     * Writes one request.
     *
     * @param line OTLP JSON without line breaks
     * @throws IOException if it could not be written; nothing of it is in the file then
     */
    public synchronized void write(byte[] line) throws IOException {
        if (!channel.isOpen()) {
            throw new IOException("the file is closed");
        }
        if (!gzip) {
            rotateIfDue(line.length + 1L);
            append(List.of(ByteBuffer.wrap(line), ByteBuffer.wrap(new byte[] {'\n'})));
            return;
        }
        if (member.size() >= MEMBER_BYTES) {
            flush();
        }
        member.write(line, 0, line.length);
        member.write('\n');
    }

    /** Writes what waits for its gzip member to fill; to be called every second or so. */
    public synchronized void flush() throws IOException {
        if (member.size() == 0 || !channel.isOpen()) {
            return;
        }
        ByteArrayOutputStream packed = new ByteArrayOutputStream(member.size() / 4 + 64);
        try (GZIPOutputStream stream = new GZIPOutputStream(packed)) {
            member.writeTo(stream);
        }
        rotateIfDue(packed.size());
        append(List.of(ByteBuffer.wrap(packed.toByteArray())));
        member.reset();
    }

    private void append(List<ByteBuffer> pieces) throws IOException {
        ByteBuffer[] buffers = pieces.toArray(ByteBuffer[]::new);
        long length = pieces.stream().mapToLong(ByteBuffer::remaining).sum();
        try {
            for (long written = 0; written < length; ) {
                written += channel.write(buffers);
            }
            bytes += length;
        } catch (IOException e) {
            channel.truncate(bytes);
            channel.position(bytes);
            throw e;
        }
    }

    private void rotateIfDue(long nextBytes) throws IOException {
        Instant now = clock.instant();
        if (!rotation.due(bytes, nextBytes, Duration.between(since, now))) {
            return;
        }
        Instant time = now;
        Path aside = path.resolveSibling(Rotation.nameOf(path, time));
        while (Files.exists(aside)) {
            time = time.plusMillis(1);
            aside = path.resolveSibling(Rotation.nameOf(path, time));
        }
        channel.force(false);
        Files.move(path, aside);
        FileChannel next = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        lock.release();
        channel.close();
        channel = next;
        lock = lock(next);
        bytes = 0;
        since = now;
        deleteOldest();
    }

    private void deleteOldest() throws IOException {
        if (rotation.keep().isEmpty()) {
            return;
        }
        Pattern names = Rotation.namesOf(path);
        List<Path> aside;
        try (Stream<Path> files = Files.list(path.resolveSibling("."))) {
            aside = files.filter(file ->
                            names.matcher(String.valueOf(file.getFileName())).matches())
                    .sorted()
                    .toList();
        }
        for (Path old :
                aside.subList(0, Math.max(0, aside.size() - rotation.keep().getAsInt()))) {
            Files.deleteIfExists(old);
        }
    }

    /**
     * Writes what waits, asks the operating system to put all of it on the disk, and closes. A file that this made and that
     * stayed empty is taken away again.
     */
    @Override
    public synchronized void close() throws IOException {
        if (!channel.isOpen()) {
            return;
        }
        try {
            flush();
            channel.force(false);
            if (made && bytes == 0) {
                Files.deleteIfExists(path);
            }
        } finally {
            channel.close();
        }
    }
}

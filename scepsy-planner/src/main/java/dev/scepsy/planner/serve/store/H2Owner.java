package dev.scepsy.planner.serve.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * That an H2 file belongs to one process: a lock of the operating system's on a file beside it that says whose it is. The system
 * lets go of it when the process ends, however it ends, so that no stale owner is in the way. Its second line says whether the
 * database was whole once.
 */
final class H2Owner implements AutoCloseable {

    /** Behind the text, since Windows does not let others read what is locked. */
    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

    /** This process's own, by file: on POSIX, closing any channel to a file lets go of all the process's locks on it. */
    private static final Map<Path, String> HERE = new ConcurrentHashMap<>();

    private static final String MADE = "made";

    private final Path file;
    private final String holder;
    private final FileChannel channel;
    private boolean made;

    private H2Owner(Path file, String holder, FileChannel channel, boolean made) {
        this.file = file;
        this.holder = holder;
        this.channel = channel;
        this.made = made;
    }

    /** Whether the database was whole once. */
    boolean made() {
        return made;
    }

    /** It is, from now on. */
    void makeMade() throws IOException {
        if (!made) {
            made = true;
            say(channel, holder, true);
            channel.force(true);
        }
    }

    static H2Owner take(StoreUrl.H2File url, String holder) throws Stores.RefusedException {
        Path file;
        try {
            Files.createDirectories(url.folder());
            file = url.folder().toRealPath().resolve(url.file().getFileName() + ".owner");
        } catch (IOException e) {
            throw noFolder(url, e);
        }
        String first = HERE.putIfAbsent(file, holder);
        if (first != null) {
            throw inUse(url, first);
        }
        try {
            return locked(url, file, shortened(holder).replaceAll("\\p{Cntrl}", " "));
        } catch (Stores.RefusedException | RuntimeException e) {
            HERE.remove(file);
            throw e;
        }
    }

    private static H2Owner locked(StoreUrl.H2File url, Path file, String holder) throws Stores.RefusedException {
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw noFolder(url, e);
        }
        try {
            if (lock(channel) == null) {
                throw inUse(url, said(channel).lines().findFirst().orElse(""));
            }
            boolean made = said(channel).lines().skip(1).anyMatch(MADE::equals);
            say(channel, holder, made);
            return new H2Owner(file, holder, channel, made);
        } catch (IOException e) {
            closeQuietly(channel);
            throw Stores.RefusedException.refused("store: " + file + " cannot be locked or written (" + reason(e)
                    + "). Free space there, or name a folder on a disk that has locks.");
        } catch (Stores.RefusedException e) {
            closeQuietly(channel);
            throw e;
        }
    }

    static Stores.RefusedException inUse(StoreUrl.H2File url, String by) {
        return Stores.RefusedException.refused(
                "store: " + url.shown() + " belongs to another service ("
                        + (by.isBlank() ? "it does not say which" : by)
                        + "). Stop that one first, or give this one a store of its own; several services can share a PostgreSQL.");
    }

    /** Leaves the file, without a name: another process may be opening it at this moment. */
    @Override
    public void close() {
        try {
            say(channel, "", made);
        } catch (IOException e) {
            // A name that is left there harms nobody: the lock is what counts.
        }
        closeQuietly(channel);
        HERE.remove(file);
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock(LOCKED_BYTE, 1, false);
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String said(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(4 * Leadership.LONGEST_HOLDER);
        int read = channel.read(text, 0);
        return read <= 0 ? "" : new String(text.array(), 0, read, StandardCharsets.UTF_8);
    }

    private static void say(FileChannel channel, String holder, boolean made) throws IOException {
        byte[] text = (holder + "\n" + (made ? MADE + "\n" : "")).getBytes(StandardCharsets.UTF_8);
        channel.write(ByteBuffer.wrap(text), 0);
        channel.truncate(text.length);
    }

    private static String shortened(String holder) {
        return holder.length() <= Leadership.LONGEST_HOLDER ? holder : holder.substring(0, Leadership.LONGEST_HOLDER);
    }

    private static Stores.RefusedException noFolder(StoreUrl.H2File url, IOException e) {
        return Stores.RefusedException.badInput("store: The folder of " + url.shown() + " cannot be written ("
                + reason(e) + "). Let the service's user write it, or name another.");
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName().replaceAll("Exception$", "") + ": " + e.getMessage();
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing can be done about it, and nothing hangs on it.
        }
    }
}

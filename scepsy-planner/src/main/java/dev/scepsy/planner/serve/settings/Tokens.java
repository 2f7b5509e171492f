package dev.scepsy.planner.serve.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who bears which token: the tokens file, read again when it changes. The file holds hashes only. Whether it has changed (time,
 * size, identity) is looked at when somebody asks, once a second at most; a file that cannot be used any more is told once
 * and what it said last goes on. Every line is compared in constant time, whether or not one before it fits.
 *
 * <p>Thread-safe.
 */
public final class Tokens {

    /** Between two looks at the file. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Longer ones are nobody's. */
    private static final int LONGEST_TOKEN = 512;

    private final Path file;
    private final Consumer<String> told;
    private final LongSupplier nanos;

    private volatile List<TokenLines.Entry> entries;
    private volatile long looked;
    private Stamp stamp;
    private boolean unusable;

    /** What tells one state of the file from another. */
    private record Stamp(
            @Nullable FileTime time, long size, @Nullable Object key) {

        private static final Stamp NONE = new Stamp(null, -1, null);

        static Stamp of(Path file) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                Object rights =
                        file.getFileSystem().supportedFileAttributeViews().contains("unix")
                                ? List.of(Files.getAttribute(file, "unix:ctime"), Files.getAttribute(file, "unix:mode"))
                                : null;
                Object identity = attributes.fileKey();
                return new Stamp(
                        attributes.lastModifiedTime(),
                        attributes.size(),
                        rights == null ? identity : List.of(rights, String.valueOf(identity)));
            } catch (IOException e) {
                return NONE;
            }
        }
    }

    /** The file cannot be used; every reason is a sentence with the file's name and its line. */
    public static final class UnusableException extends Exception {

        private static final long serialVersionUID = 1;

        private final transient List<String> problems;

        UnusableException(List<String> problems) {
            super(String.join(" ", problems));
            this.problems = List.copyOf(problems);
        }

        /** At least one. */
        public List<String> problems() {
            return problems;
        }
    }

    private Tokens(Path file, Consumer<String> told, LongSupplier nanos, Stamp stamp, List<TokenLines.Entry> entries) {
        this.file = file;
        this.told = told;
        this.nanos = nanos;
        this.stamp = stamp;
        this.entries = entries;
        this.looked = nanos.getAsLong();
    }

    /**
     * The tokens in {@code file}.
     *
     * @param told sentences for the log: that the file changed, that it cannot be used any more
     * @throws UnusableException if there is no such file, others may read it, lines are wrong, or no token is in it
     */
    public static Tokens read(Path file, Consumer<String> told) throws UnusableException {
        return read(file, told, System::nanoTime);
    }

    static Tokens read(Path file, Consumer<String> told, LongSupplier nanos) throws UnusableException {
        Stamp before = Stamp.of(file);
        List<TokenLines.Entry> entries = entries(file);
        if (entries.isEmpty()) {
            throw new UnusableException(List.of(file
                    + ": No token is in this file, so nobody could send, read or decide. Make one:"
                    + " scepsy serve token --name N --role operator --tokens " + file));
        }
        return new Tokens(file, told, nanos, before, entries);
    }

    /** Everything that is wrong with {@code file} as {@link #read} would say it; empty where it can be used. */
    public static List<String> problems(Path file) {
        try {
            var unused = read(file, sentence -> {});
            return List.of();
        } catch (UnusableException e) {
            return e.problems();
        }
    }

    /** Who bears {@code token}; empty where nobody does. A session that was made from a token asks again with it: it ends when the line goes. */
    public Optional<Actor> actor(String token) {
        if (nanos.getAsLong() - looked >= LOOK_NANOS) {
            look();
        }
        if (token.isEmpty() || token.length() > LONGEST_TOKEN) {
            return Optional.empty();
        }
        byte[] hash = TokenLines.hash(token);
        Actor found = null;
        for (TokenLines.Entry entry : entries) {
            if (MessageDigest.isEqual(hash, entry.hash())) {
                found = entry.actor();
            }
        }
        return Optional.ofNullable(found);
    }

    private synchronized void look() {
        if (nanos.getAsLong() - looked < LOOK_NANOS) {
            return;
        }
        Stamp now = Stamp.of(file);
        if (!now.equals(stamp)) {
            stamp = now;
            again();
        }
        looked = nanos.getAsLong();
    }

    private void again() {
        try {
            List<TokenLines.Entry> read = entries(file);
            entries = read;
            unusable = false;
            told.accept(file + ": The tokens were read again: " + read.size() + (read.size() == 1 ? " is" : " are")
                    + " in force.");
        } catch (UnusableException e) {
            if (!unusable) {
                told.accept(e.problems().get(0) + " Until it can be used again, the " + entries.size()
                        + " read last go on.");
            }
            unusable = true;
        }
    }

    private static List<TokenLines.Entry> entries(Path file) throws UnusableException {
        TokenLines lines;
        try {
            lines = TokenLines.read(file);
        } catch (IOException e) {
            throw new UnusableException(List.of(String.valueOf(e.getMessage())));
        }
        List<String> problems = new ArrayList<>();
        for (String problem : lines.problems()) {
            problems.add(file + ": " + problem);
        }
        if (!problems.isEmpty()) {
            throw new UnusableException(problems);
        }
        return lines.entries();
    }
}

package dev.scepsy.planner.serve.settings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Makes tokens and appends their lines to a tokens file, which is written beside and renamed, with mode 0600. */
public final class TokenWriter {

    /** So that scanners for secrets, and people, know one when they see it. */
    public static final String PREFIX = "scepsy_";

    private static final int RANDOM_BYTES = 32;

    private TokenWriter() {}

    /**
     * A new token: {@code scepsy_} and 256 random bits in letters that addresses and headers take. Its hash is appended to {@code file}, which is made where it is not there.
     *
     * @return the token, which is kept nowhere
     * @throws Tokens.UnusableException if the name cannot be or is taken, the file's lines are wrong or others may read it
     * @throws IOException if the file cannot be written; an older one is then intact
     */
    public static String append(Path file, String name, Role role) throws IOException, Tokens.UnusableException {
        Optional<String> wrong = TokenLines.wrongName(name);
        if (wrong.isPresent()) {
            throw new Tokens.UnusableException(List.of(wrong.get()));
        }
        Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        String before = Files.exists(target) ? readable(target, file, name) : "";
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        String token = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        String line = name + " " + role.name().toLowerCase(Locale.ROOT) + " sha256:"
                + HexFormat.of().formatHex(TokenLines.hash(token)) + "\n";
        replace(target, before + (before.isEmpty() || before.endsWith("\n") ? "" : "\n") + line);
        return token;
    }

    private static String readable(Path target, Path named, String name) throws Tokens.UnusableException {
        TokenLines lines;
        try {
            lines = TokenLines.read(target);
        } catch (IOException e) {
            throw new Tokens.UnusableException(List.of(String.valueOf(e.getMessage())));
        }
        if (!lines.problems().isEmpty()) {
            throw new Tokens.UnusableException(lines.problems().stream()
                    .map(problem -> named + ": " + problem)
                    .toList());
        }
        if (lines.entries().stream().anyMatch(entry -> entry.actor().name().equals(name))) {
            throw new Tokens.UnusableException(List.of(named + ": The name (" + name
                    + ") has a token already. Take another name, or delete its line first."));
        }
        return lines.text();
    }

    private static void replace(Path target, String text) throws IOException {
        Path folder = target.getParent();
        if (folder == null) {
            throw new IOException(target + " is not a file's name");
        }
        boolean posix = target.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] rights = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        Path beside = Files.createTempFile(folder, "." + target.getFileName() + ".", ".tmp", rights);
        try {
            try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            try {
                Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(beside, target, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}

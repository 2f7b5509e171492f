package dev.scepsy.planner.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** Writes a file so that readers see the old text or the new one, never a part, whenever the program is stopped. */
public final class WholeFile {

    private static final int MOST_LINKS = 40;

    private WholeFile() {}

    /**
     * Writes {@code text} beside {@code file}, forces it to the disk and renames it. Its folder must be there: one that is not
     * is rather a slip of the pen; a link is followed and stays, also one to a file that is not there yet; what is no regular file (a pipe, {@code /dev/stdout}) is written directly.
     *
     * @throws IOException if it cannot be written; an older file is then intact
     */
    public static void write(Path file, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            Files.write(file, bytes);
            return;
        }
        Path target = followed(file);
        Path folder = target.getParent();
        if (folder == null) {
            throw new IOException(file + " is not a file's name");
        }
        Optional<String> missing = missingFolder(target);
        if (missing.isPresent()) {
            throw new FileSystemException(file.toString(), null, missing.get());
        }
        Path beside;
        try {
            beside = Files.createTempFile(folder, "." + target.getFileName() + ".", ".tmp");
        } catch (IOException e) {
            throw inWords(file, e);
        }
        try {
            try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(bytes);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            openToReaders(beside, target);
            try {
                Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(beside, target, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw inWords(file, e);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    /** A sentence where the folder of {@code file} is not there, so that it can be told before the work is done. */
    public static Optional<String> missingFolder(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return folder == null || Files.isDirectory(folder)
                ? Optional.empty()
                : Optional.of("There is no folder " + folder + ". Make it first, or name another.");
    }

    /** What a link points to, whether or not it is there yet: the link itself stays. */
    private static Path followed(Path file) throws IOException {
        Path target = file.toAbsolutePath();
        for (int links = 0; Files.isSymbolicLink(target); links++) {
            if (links == MOST_LINKS) {
                throw new IOException(file + ": The links lead in a circle.");
            }
            target = target.resolveSibling(Files.readSymbolicLink(target));
        }
        return target;
    }

    /** Speaks of the file that was asked for, not of the one beside it. */
    private static IOException inWords(Path file, IOException problem) {
        if (problem instanceof AccessDeniedException) {
            return new AccessDeniedException(file.toString());
        }
        String why = problem instanceof FileSystemException about && about.getReason() != null
                ? about.getReason()
                : problem instanceof FileSystemException
                        ? "its folder cannot be made or used"
                        : String.valueOf(problem.getMessage());
        return new FileSystemException(file.toString(), null, why);
    }

    /** Temporary files are private to their owner; the file keeps its old rights, or gets those of any new file. */
    private static void openToReaders(Path beside, Path target) throws IOException {
        if (!beside.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        if (Files.exists(target)) {
            Files.setPosixFilePermissions(beside, Files.getPosixFilePermissions(target));
        } else {
            Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString("rw-r--r--"));
        }
    }
}

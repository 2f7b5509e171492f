package dev.scepsy.planner.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads a file that is held as one text: UTF-8, or UTF-16 with a byte order mark as spreadsheets save it. Files are small; a
 * larger one than {@link #longestBytes} is refused before it is held.
 */
public final class TextFile {

    private static final int LONGEST_BYTES = 128 << 20;
    private static final int SHORTEST_LIMIT_BYTES = 4 << 20;
    private static final int HEAP_PER_BYTE = 16;

    private TextFile() {}

    /** Why a file is no text, as a sentence without the file's name, and where. */
    public static final class Unreadable extends IOException {

        private static final long serialVersionUID = 1;

        private final int line;

        Unreadable(int line, String message) {
            super(message);
            this.line = line;
        }

        /** From 1; 0 where it is no line's fault. */
        public int line() {
            return line;
        }

        /** The sentence. */
        public String sentence() {
            return String.valueOf(getMessage());
        }
    }

    /** 128 MiB, or a sixteenth of the heap where that is less, but never less than 4 MiB. */
    static int longestBytes(long heapBytes) {
        return (int) Math.min(LONGEST_BYTES, Math.max(SHORTEST_LIMIT_BYTES, heapBytes / HEAP_PER_BYTE));
    }

    /**
     * The text of {@code file} without its byte order mark.
     *
     * @throws Unreadable if there is no such file, if it cannot be read, is too large or is no text
     */
    public static String read(Path file) throws Unreadable {
        return read(file, longestBytes(Runtime.getRuntime().maxMemory()));
    }

    static String read(Path file, int longestBytes) throws Unreadable {
        if (file.toString().isEmpty()) {
            throw new Unreadable(0, "The name of the file is empty.");
        }
        byte[] bytes;
        try (InputStream stream = Files.newInputStream(file)) {
            bytes = stream.readNBytes(longestBytes + 1);
        } catch (NoSuchFileException e) {
            throw new Unreadable(0, "There is no such file.");
        } catch (AccessDeniedException e) {
            throw new Unreadable(0, "Access is denied.");
        } catch (IOException e) {
            throw new Unreadable(
                    0,
                    Files.isDirectory(file)
                            ? "This is a folder, not a file."
                            : "The file cannot be read: " + e.getMessage() + ".");
        }
        if (bytes.length > longestBytes) {
            throw new Unreadable(
                    0,
                    "The file is larger than " + (longestBytes >> 20)
                            + " MiB. Files of this kind are small; a larger heap (JAVA_TOOL_OPTIONS=-Xmx4g) takes up to "
                            + (LONGEST_BYTES >> 20) + " MiB.");
        }
        return decoded(bytes);
    }

    private static String decoded(byte[] bytes) throws Unreadable {
        Charset charset = StandardCharsets.UTF_8;
        int mark = 0;
        if (startsWith(bytes, 0xef, 0xbb, 0xbf)) {
            mark = 3;
        } else if (startsWith(bytes, 0xff, 0xfe)) {
            charset = StandardCharsets.UTF_16LE;
            mark = 2;
        } else if (startsWith(bytes, 0xfe, 0xff)) {
            charset = StandardCharsets.UTF_16BE;
            mark = 2;
        }
        try {
            return charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, mark, bytes.length - mark))
                    .toString();
        } catch (CharacterCodingException e) {
            String lenient = new String(bytes, mark, bytes.length - mark, charset);
            int at = Math.max(0, lenient.indexOf('\uFFFD'));
            int line = 1
                    + (int) lenient.substring(0, at)
                            .chars()
                            .filter(c -> c == '\n')
                            .count();
            throw new Unreadable(line, "The file is not UTF-8 text. Save it as UTF-8.");
        }
    }

    private static boolean startsWith(byte[] bytes, int... mark) {
        if (bytes.length < mark.length) {
            return false;
        }
        for (int i = 0; i < mark.length; i++) {
            if ((bytes[i] & 0xff) != mark[i]) {
                return false;
            }
        }
        return true;
    }
}

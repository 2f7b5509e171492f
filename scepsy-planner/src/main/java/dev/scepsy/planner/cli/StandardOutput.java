package dev.scepsy.planner.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Standard output that remembers that it could not be written, which print writers do not tell. After the first failure what
 * comes is dropped. Safe for several threads.
 */
final class StandardOutput extends OutputStream {

    private final OutputStream stream;
    private volatile @Nullable IOException failure;

    StandardOutput(OutputStream stream) {
        this.stream = stream;
    }

    /** Writes at every end of a line, in the encoding of the terminal. */
    PrintWriter writer() {
        return new PrintWriter(new OutputStreamWriter(this, encoding()), true);
    }

    /** As Java encodes {@code System.out}; from Java 18 on it says so itself. */
    private static Charset encoding() {
        for (String property : new String[] {"stdout.encoding", "sun.stdout.encoding", "native.encoding"}) {
            String name = System.getProperty(property);
            if (name != null && Charset.isSupported(name)) {
                return Charset.forName(name);
            }
        }
        return Charset.defaultCharset();
    }

    /** Why output was lost, in words; empty where all was written, or the reader wanted no more of it ({@code | head -1}). */
    Optional<String> loss() {
        IOException problem = failure;
        if (problem == null || isClosedPipe(problem)) {
            return Optional.empty();
        }
        return Optional.of(String.valueOf(problem.getMessage()));
    }

    private static boolean isClosedPipe(IOException problem) {
        String said = String.valueOf(problem.getMessage()).toLowerCase(Locale.ROOT);
        return said.contains("broken pipe") || said.contains("pipe is being closed") || said.contains("pipe has been");
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
        if (failure == null) {
            try {
                stream.write(bytes, from, length);
            } catch (IOException e) {
                failure = e;
            }
        }
    }

    @Override
    public void flush() {
        if (failure == null) {
            try {
                stream.flush();
            } catch (IOException e) {
                failure = e;
            }
        }
    }
}

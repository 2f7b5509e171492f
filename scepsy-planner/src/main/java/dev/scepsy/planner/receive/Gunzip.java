package dev.scepsy.planner.receive;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.zip.GZIPInputStream;

/** Unpacks gzip up to a limit: a few kilobytes can hold gigabytes. */
final class Gunzip {

    private static final int CHUNK_BYTES = 1 << 16;

    private Gunzip() {}

    /** More than the limit came out. */
    static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1;
    }

    /**
     * All that is in {@code packed}.
     *
     * @throws TooLargeException if that is more than {@code mostBytes}
     * @throws IOException if it is not gzip, or cut short, saying so for people
     */
    static byte[] unpack(byte[] packed, int mostBytes) throws IOException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream(Math.min(mostBytes, packed.length * 4 + 64));
        try (GZIPInputStream stream = new GZIPInputStream(new ByteArrayInputStream(packed), CHUNK_BYTES)) {
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int read = stream.read(chunk); read >= 0; read = stream.read(chunk)) {
                if (read > mostBytes - plain.size()) {
                    throw new TooLargeException();
                }
                plain.write(chunk, 0, read);
            }
        } catch (TooLargeException e) {
            throw e;
        } catch (EOFException e) {
            throw new IOException("the gzip data is cut short");
        } catch (IOException e) {
            throw new IOException("the body is not gzip: " + e.getMessage());
        }
        return plain.toByteArray();
    }
}

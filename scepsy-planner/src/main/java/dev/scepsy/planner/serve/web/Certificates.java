package dev.scepsy.planner.serve.web;

import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.common.TlsProvider;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A certificate chain and key that are read again when their files change: new connections get the new one, open ones go on. Two
 * files are rarely replaced in one moment, so a change that does not do keeps the old ones, and is said, once, only when it has
 * stayed so until the next look. Any number of servers may use one. Thread-safe.
 */
public final class Certificates implements AutoCloseable {

    private static final long LARGEST_FILE_BYTES = 1 << 20;

    private record Content(String digest, byte[] certificate, byte[] key) {}

    private final ServeSettings.Tls files;
    private final ServiceLog log;
    private final ScheduledExecutorService looking;
    private final TlsProvider provider = new TlsProvider() {
        @Override
        public TlsKeyPair keyPair(String hostname) {
            return pair;
        }

        @Override
        public boolean autoClose() {
            return false;
        }
    };
    private volatile TlsKeyPair pair;
    private String digest;
    private String brokenDigest = "";
    private boolean told;

    private Certificates(ServeSettings.Tls files, ServiceLog log, Duration every) throws IOException {
        this.files = files;
        this.log = log;
        Content content = read();
        this.pair = pairOf(content);
        this.digest = content.digest();
        this.looking = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "scepsy-certificates");
            thread.setDaemon(true);
            return thread;
        });
        looking.scheduleWithFixedDelay(this::look, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Reads them, and looks after them from then on.
     *
     * @throws IOException naming the file and what is wrong with it
     */
    public static Certificates open(ServeSettings.Tls files, ServiceLog log) throws IOException {
        return open(files, log, Duration.ofSeconds(WebLimits.CERTIFICATES_SECONDS));
    }

    static Certificates open(ServeSettings.Tls files, ServiceLog log, Duration every) throws IOException {
        return new Certificates(files, log, every);
    }

    /** For a server's builder. Not closed with the server. */
    public TlsProvider provider() {
        return provider;
    }

    private void look() {
        String found = "unreadable";
        try {
            Content content = read();
            found = content.digest();
            if (found.equals(digest)) {
                brokenDigest = "";
                told = false;
                return;
            }
            pair = pairOf(content);
            digest = found;
            brokenDigest = "";
            told = false;
            log.info("The certificate was read again: new connections get the new one.");
        } catch (IOException | RuntimeException e) {
            if (!found.equals(brokenDigest)) {
                brokenDigest = found;
                told = false;
            } else if (!told) {
                told = true;
                log.warn("The certificate's files changed, and the old certificate stays in use: " + e.getMessage());
            }
        }
    }

    private TlsKeyPair pairOf(Content content) throws IOException {
        try {
            return Pem.keyPair(content.certificate(), content.key());
        } catch (IOException e) {
            throw new IOException(
                    "access.tls: " + e.getMessage() + " (" + files.certificate() + ", " + files.key() + ")", e);
        }
    }

    private Content read() throws IOException {
        byte[] certificate = bytes(files.certificate());
        byte[] key = bytes(files.key());
        return new Content(Secrets.digest(certificate) + Secrets.digest(key), certificate, key);
    }

    private static byte[] bytes(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("access.tls: " + file + ": There is no such file.");
        }
        if (!Files.isReadable(file)) {
            throw new IOException("access.tls: " + file + ": The file cannot be read. Check whose it is and its mode.");
        }
        if (Files.size(file) > LARGEST_FILE_BYTES) {
            throw new IOException("access.tls: " + file + ": The file is larger than 1 MiB, which no certificate is.");
        }
        return Files.readAllBytes(file);
    }

    /** Looks no more. */
    @Override
    public void close() {
        looking.shutdownNow();
    }
}

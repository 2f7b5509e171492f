package dev.scepsy.planner.serve.store;

import dev.scepsy.planner.serve.journal.Store;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServeSettings.StoreSettings;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Opens the service's store. */
public final class Stores {

    /** How long PostgreSQL's leader stays one without a word, by the database's clock. */
    static final int LEASE_SECONDS = 15;

    static final String USER = "SCEPSY_STORE_USER";
    static final String PASSWORD = "SCEPSY_STORE_PASSWORD";
    private static final int LARGEST_PASSWORD_BYTES = 4096;

    private Stores() {}

    /** Who the service is for the database; neither is ever logged. H2 makes a new file with them. */
    public record Credentials(Optional<String> user, Optional<String> password) {

        /** No secrets. */
        @Override
        public String toString() {
            return "Credentials[user=" + (user.isPresent() ? "given" : "none") + ", password="
                    + (password.isPresent() ? "given" : "none") + "]";
        }
    }

    /** The store is not opened; nothing was changed. */
    public static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;
        private static final int BAD_INPUT = 2;
        private static final int REFUSED = 4;

        private final int exitCode;

        private RefusedException(String message, int exitCode) {
            super(message);
            this.exitCode = exitCode;
        }

        static RefusedException badInput(String message) {
            return new RefusedException(message, BAD_INPUT);
        }

        static RefusedException refused(String message) {
            return new RefusedException(message, REFUSED);
        }

        /** 2: the configuration, or the store itself, is wrong; 4: it is in use, or cannot be reached now. */
        public int exitCode() {
            return exitCode;
        }
    }

    /**
     * User and password from {@code SCEPSY_STORE_USER} and {@code SCEPSY_STORE_PASSWORD}, or the password file, whose closing line break does not count.
     *
     * @throws RefusedException where the file cannot be read, others may read it, or both are given
     */
    public static Credentials credentials(StoreSettings settings, Map<String, String> environment)
            throws RefusedException {
        Optional<String> password = Optional.ofNullable(environment.get(PASSWORD));
        if (settings.passwordFile().isPresent()) {
            Path file = settings.passwordFile().get();
            if (password.isPresent()) {
                throw RefusedException.badInput("storePasswordFile: " + file + " is named and " + PASSWORD
                        + " is set too. Leave one of them out.");
            }
            password = Optional.of(passwordOf(file));
        }
        return new Credentials(Optional.ofNullable(environment.get(USER)).filter(user -> !user.isEmpty()), password);
    }

    /**
     * Opens it, making or updating its tables. With PostgreSQL this service leads from now on where nobody else does, else stands by.
     *
     * @param holder who this is, for others who find it in use: host, process, since when
     * @param time by which answers grow old
     * @throws RefusedException where it is in use (H2), of a newer version, damaged, out of reach, or not allowed; with a sentence that says what to do
     */
    public static Store open(
            StoreSettings settings, Credentials credentials, String holder, ServiceTime time, ServiceLog log)
            throws RefusedException {
        return open(StoreUrl.parse(settings.url()), credentials, holder, time, log, Duration.ofSeconds(LEASE_SECONDS));
    }

    static JdbcStore open(
            StoreUrl url, Credentials credentials, String holder, ServiceTime time, ServiceLog log, Duration lease)
            throws RefusedException {
        Optional<H2Owner> owner =
                url instanceof StoreUrl.H2File h2 ? Optional.of(H2Owner.take(h2, holder)) : Optional.empty();
        try {
            Sources sources = Sources.of(url, credentials);
            Schema.prepare(url, sources, owner);
            Database database = new Database(url, sources, log);
            try {
                Leadership leadership = new Leadership(
                        database,
                        holder,
                        url instanceof StoreUrl.Postgres ? Optional.of(lease) : Optional.empty(),
                        log);
                leadership.begin();
                log.info("store open", Map.of("store", url.shown(), "leads", String.valueOf(leadership.leads())));
                return new JdbcStore(database, leadership, owner, time, log);
            } catch (RuntimeException e) {
                database.close();
                throw RefusedException.refused(String.valueOf(e.getMessage()));
            }
        } catch (RefusedException | RuntimeException e) {
            owner.ifPresent(H2Owner::close);
            throw e;
        }
    }

    private static String passwordOf(Path file) throws RefusedException {
        try {
            if (file.getFileSystem().supportedFileAttributeViews().contains("posix")
                    && Files.getPosixFilePermissions(file, new LinkOption[0])
                            .contains(PosixFilePermission.OTHERS_READ)) {
                throw RefusedException.badInput("storePasswordFile: " + file
                        + " can be read by everybody. Take that away (chmod 600; in Kubernetes defaultMode: 0400).");
            }
            if (Files.size(file) > LARGEST_PASSWORD_BYTES) {
                throw RefusedException.badInput("storePasswordFile: " + file + " is longer than "
                        + LARGEST_PASSWORD_BYTES + " bytes. Name the file that holds the password and nothing else.");
            }
            return Files.readString(file, StandardCharsets.UTF_8).replaceFirst("\\R$", "");
        } catch (NoSuchFileException e) {
            throw RefusedException.badInput(
                    "storePasswordFile: There is no file " + file + ". Make it, or leave it out.");
        } catch (IOException e) {
            throw RefusedException.badInput(
                    "storePasswordFile: " + file + " cannot be read. Let the service's user read it, in UTF-8.");
        }
    }
}

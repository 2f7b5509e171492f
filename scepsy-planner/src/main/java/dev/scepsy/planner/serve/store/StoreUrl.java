package dev.scepsy.planner.serve.store;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where the store is. Immutable; none holds credentials. */
sealed interface StoreUrl {

    /** For messages. */
    String shown();

    /**
     * H2 in a file.
     *
     * @param file absolute, without H2's {@code .mv.db}
     * @param fileSystem of H2: {@code file}, or one that a test registered
     */
    record H2File(Path file, String fileSystem) implements StoreUrl {

        /** That it lies in. */
        Path folder() {
            return Objects.requireNonNull(file.getParent());
        }

        Path database() {
            return file.resolveSibling(file.getFileName() + ".mv.db");
        }

        Path owner() {
            return file.resolveSibling(file.getFileName() + ".owner");
        }

        @Override
        public String shown() {
            return database().toString();
        }
    }

    /** PostgreSQL. */
    record Postgres(String url) implements StoreUrl {

        private static final Pattern PARAMETER = Pattern.compile("[?&]([^=&]+)=?");

        boolean states(String parameter) {
            Matcher stated = PARAMETER.matcher(url);
            while (stated.find()) {
                if (stated.group(1).equals(parameter)) {
                    return true;
                }
            }
            return false;
        }

        /** Whether it names several servers, of which one is the primary. */
        boolean severalServers() {
            return url.replaceFirst("\\?.*", "").contains(",");
        }

        @Override
        public String shown() {
            return url.replaceFirst("\\?.*", "");
        }
    }

    /** Refuses what is none of the two, and what holds credentials or settings; relative paths are resolved against the working directory. */
    static StoreUrl parse(String url) throws Stores.RefusedException {
        String kinds = "Use jdbc:h2:file:PATH or jdbc:postgresql://HOST:PORT/DATABASE.";
        String lower = url.toLowerCase(Locale.ROOT);
        String safe = redacted(url);
        if (lower.matches(".*[?&;](user|password|sslpassword)=.*") || lower.matches("jdbc:[a-z0-9]+://[^/?]*@.*")) {
            throw Stores.RefusedException.badInput(
                    "store: " + safe
                            + " holds a user or password. Put them into SCEPSY_STORE_USER and SCEPSY_STORE_PASSWORD, or name a storePasswordFile.");
        }
        if (lower.startsWith("jdbc:postgresql:")) {
            if (!url.matches("jdbc:postgresql://[^/?]+/[^/?]+(\\?.*)?")) {
                throw Stores.RefusedException.badInput(
                        "store: " + safe + " names no host and database. Use jdbc:postgresql://HOST:PORT/DATABASE.");
            }
            return new Postgres(url);
        }
        if (!lower.startsWith("jdbc:h2:")) {
            throw Stores.RefusedException.badInput("store: " + safe + " is no database that is known here. " + kinds);
        }
        if (!lower.startsWith("jdbc:h2:file:")) {
            throw Stores.RefusedException.badInput("store: " + safe
                    + " is not in a file of this machine, and would not outlive the service. " + kinds);
        }
        String path = url.substring("jdbc:h2:file:".length());
        if (path.contains(";")) {
            throw Stores.RefusedException.badInput("store: " + safe
                    + " holds settings of H2 (after the semicolon); the service makes them itself. Leave them out.");
        }
        try {
            String home = path.startsWith("~/") ? System.getProperty("user.home") + path.substring(1) : path;
            Path file = Path.of(home).toAbsolutePath().normalize();
            if (path.isBlank() || file.getFileName() == null) {
                throw Stores.RefusedException.badInput("store: " + safe + " names no file. " + kinds);
            }
            return new H2File(file, "file");
        } catch (InvalidPathException e) {
            throw Stores.RefusedException.badInput("store: " + safe + " is no file's name. " + kinds);
        }
    }

    /** Without what follows the address, and what stands before an {@code @}. */
    static String redacted(String url) {
        return url.replaceFirst("[?;].*", "").replaceFirst("//[^/@]*@", "//");
    }
}

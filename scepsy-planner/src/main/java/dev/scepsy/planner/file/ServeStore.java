package dev.scepsy.planner.file;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** The address of the service's database: H2 in a file, or PostgreSQL; without user and password. */
final class ServeStore {

    static final String DEFAULT = "jdbc:h2:file:./scepsy-data/scepsy";

    private static final String H2 = "jdbc:h2:";
    private static final String FILE = "jdbc:h2:file:";
    private static final String MEMORY = "jdbc:h2:mem:";
    private static final String POSTGRESQL = "jdbc:postgresql:";
    private static final String REMEDY =
            " Say them by SCEPSY_STORE_USER and SCEPSY_STORE_PASSWORD, or storePasswordFile.";
    private static final Pattern CREDENTIALS =
            Pattern.compile("[?&;]\\s*(user|username|password|passwd|pwd|sslpassword)\\s*=", Pattern.CASE_INSENSITIVE);
    private static final Pattern POSTGRESQL_FORM =
            Pattern.compile("jdbc:postgresql://[^\\s/?#]+/[^\\s/?#]+(\\?[^\\s#]*)?");

    private ServeStore() {}

    /** {@code text} with its file named from the root; empty with a problem where it cannot be. */
    static Optional<String> read(String text, ServeValues values, Consumer<String> problem) {
        String lower = text.toLowerCase(Locale.ROOT);
        boolean authority = text.contains("://")
                && text.substring(text.indexOf("://") + 3).split("[/?]", 2)[0].contains("@");
        if (CREDENTIALS.matcher(text).find() || authority) {
            problem.accept("The store's address must be without user and password." + REMEDY);
            return Optional.empty();
        }
        if (lower.startsWith(POSTGRESQL)) {
            if (POSTGRESQL_FORM.matcher(text).matches()) {
                return Optional.of(text);
            }
            problem.accept("The store (" + text + ") must be like jdbc:postgresql://host:5432/scepsy.");
            return Optional.empty();
        }
        if (lower.startsWith(H2) && text.contains(";")) {
            problem.accept("The store (" + text
                    + ") must be without settings of H2 (;...): one process has the file, and opens it as it needs.");
            return Optional.empty();
        }
        if (lower.startsWith(MEMORY)) {
            problem.accept(
                    "The store (" + text + ") would not outlive the service. Use a file, such as " + DEFAULT + ".");
            return Optional.empty();
        }
        if (text.startsWith(FILE) && text.length() > FILE.length()) {
            String path = text.substring(FILE.length());
            return path.startsWith("~/") || path.startsWith("~\\")
                    ? Optional.of(text)
                    : values.path(path, problem).map(file -> FILE + file);
        }
        problem.accept("The store (" + text + ") must be " + DEFAULT + " (a file of H2's) or"
                + " jdbc:postgresql://host:5432/scepsy, or with other names.");
        return Optional.empty();
    }
}

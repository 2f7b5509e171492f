package dev.scepsy.planner.serve.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Locale;
import java.util.Optional;
import org.h2.api.ErrorCode;
import org.jspecify.annotations.Nullable;

/** What went wrong with a database, as a sentence that says what to do; never with credentials. */
final class Failures {

    private static final int LONGEST_MESSAGE = 300;

    private Failures() {}

    /** While the service runs. */
    static String sentence(StoreUrl url, Throwable failure) {
        String store = "The store " + url.shown();
        String goesOn = " The service goes on by itself as soon as it can.";
        if (diskFull(failure)) {
            return store + " cannot be written: the disk is full. Free space there." + goesOn;
        }
        Optional<SQLException> sql = sql(failure);
        String state = sql.map(SQLException::getSQLState).orElse("");
        if (url instanceof StoreUrl.H2File) {
            return damaged(failure)
                    ? store + " is damaged (" + message(failure)
                            + "). Stop the service, and restore the file or move it away."
                    : store + " cannot be used (" + message(failure) + "). See to the disk it lies on." + goesOn;
        }
        if (state.startsWith("28")) {
            return store + " refuses the service's user or password. Set " + Stores.USER + " and " + Stores.PASSWORD
                    + " (or the password file) right, and start the service again.";
        }
        if (state.equals("42501")) {
            return store + " does not allow what the service does (" + message(failure)
                    + "). Grant its user the rights to the tables scepsy_*." + goesOn;
        }
        if (state.equals("25006")) {
            return store + " is read-only, as a server that follows another is. Name the primary." + goesOn;
        }
        if (state.equals("3D000")) {
            return store + " is not there. Make the database, or name another.";
        }
        if (outOfReach(failure)) {
            return store + " cannot be reached (" + message(failure)
                    + "). See that the server runs and that the network lets the service through." + goesOn;
        }
        return store + " cannot be used (" + message(failure) + ")." + goesOn;
    }

    /** At the start, where nothing has been done yet. */
    static Stores.RefusedException refusal(StoreUrl url, Throwable failure) {
        String store = "store: " + url.shown();
        if (url instanceof StoreUrl.H2File h2) {
            int code = sql(failure).map(SQLException::getErrorCode).orElse(0);
            if (code == ErrorCode.DATABASE_ALREADY_OPEN_1) {
                return H2Owner.inUse(h2, "a program that is not a planner service has it open");
            }
            if (code == ErrorCode.WRONG_USER_OR_PASSWORD) {
                return Stores.RefusedException.badInput(store
                        + " was made by another user or with another password. Set " + Stores.USER + " and "
                        + Stores.PASSWORD + " (or the password file) as they were then.");
            }
            if (damaged(failure)
                    || code == ErrorCode.FILE_VERSION_ERROR_1
                    // Looked at, without writing: only a database that has lost its beginning or end needs writing.
                    || code == ErrorCode.DATABASE_IS_READ_ONLY) {
                return Stores.RefusedException.badInput(store + " is damaged, or no file of this H2 ("
                        + message(failure) + "). Restore it, or move it away and begin anew; nothing was deleted.");
            }
        } else if (outOfReach(failure)) {
            return Stores.RefusedException.refused(sentence(url, failure)
                    .replace("The store " + url.shown(), store)
                    .replace(" The service goes on by itself as soon as it can.", " Then start the service again."));
        }
        String sentence = sentence(url, failure)
                .replace("The store " + url.shown(), store)
                .replace(" The service goes on by itself as soon as it can.", " Then start the service again.")
                .replace(
                        ", and start the service again. Then start the service again.",
                        ", and start the service again.");
        return diskFull(failure)
                ? Stores.RefusedException.refused(sentence)
                : Stores.RefusedException.badInput(sentence);
    }

    static boolean diskFull(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
            boolean said = text.contains("no space left")
                    || text.contains("quota exceeded")
                    || text.contains("file too large")
                    || text.contains("not enough space");
            if (cause instanceof IOException
                    ? said
                    : cause instanceof SQLException sql && "53100".equals(sql.getSQLState())) {
                return true;
            }
        }
        return false;
    }

    private static boolean damaged(Throwable failure) {
        int code = sql(failure).map(SQLException::getErrorCode).orElse(0);
        if (code == ErrorCode.FILE_CORRUPTED_1) {
            return true;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof org.h2.mvstore.MVStoreException store
                    && (store.getErrorCode() == org.h2.mvstore.DataUtils.ERROR_FILE_CORRUPT
                            || store.getErrorCode() == org.h2.mvstore.DataUtils.ERROR_CHUNK_NOT_FOUND
                            || store.getErrorCode() == org.h2.mvstore.DataUtils.ERROR_UNSUPPORTED_FORMAT)) {
                return true;
            }
        }
        return false;
    }

    private static boolean outOfReach(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String state = cause instanceof SQLException sql ? String.valueOf(sql.getSQLState()) : "";
            if (state.startsWith("08")
                    || state.startsWith("57P")
                    || state.equals("53300")
                    || cause instanceof SQLTransientConnectionException
                    || cause instanceof InterruptedIOException
                    || cause instanceof java.net.SocketException) {
                return true;
            }
        }
        return false;
    }

    /** The innermost that names a cause: pools and libraries wrap it. */
    private static Optional<SQLException> sql(Throwable failure) {
        SQLException innermost = null;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                innermost = sql;
            }
        }
        return Optional.ofNullable(innermost);
    }

    /** One line, without the statement that libraries append. */
    private static String message(@Nullable Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null && (cause instanceof SQLException || cause instanceof IOException)) {
                root = cause;
            }
        }
        String text = root == null ? "no reason given" : String.valueOf(root.getMessage());
        text = text.replaceAll("(?s); SQL statement:.*", "")
                .replaceAll("\\s+", " ")
                .strip();
        text = text.replaceFirst("[. ]+$", "");
        return text.length() <= LONGEST_MESSAGE ? text : text.substring(0, LONGEST_MESSAGE) + "...";
    }
}

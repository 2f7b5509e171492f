package dev.scepsy.javaagent.export;

import java.util.logging.Level;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for {@code java.util.logging.Logger} in the shaded libraries (the build exchanges the name): the agent neither
 * starts the application's logging before the application does, nor writes into it. What people must know we say ourselves.
 */
@SuppressWarnings("unused") // Called by shaded classes.
public final class SilentLogger {

    private static final SilentLogger ONLY = new SilentLogger();

    private SilentLogger() {}

    public static SilentLogger getLogger(String name) {
        return ONLY;
    }

    public boolean isLoggable(Level level) {
        return false;
    }

    public void log(Level level, @Nullable String message) {}

    public void log(Level level, @Nullable String message, @Nullable Object parameter) {}

    public void log(Level level, @Nullable String message, Object @Nullable [] parameters) {}

    public void log(Level level, @Nullable String message, @Nullable Throwable thrown) {}

    public void fine(@Nullable String message) {}

    public void info(@Nullable String message) {}

    public void warning(@Nullable String message) {}
}

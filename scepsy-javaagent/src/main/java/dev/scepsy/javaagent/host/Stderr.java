package dev.scepsy.javaagent.host;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lines for people. Standard error belongs to the application: it may be closed, replaced, or throw; then the line is lost and
 * nothing else. Thread-safe.
 */
public final class Stderr {

    private static final int SUBJECTS = 1_000; // Names of the application's classes are among them.
    private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

    private Stderr() {}

    /** Says a line; never throws. */
    public static void say(String line) {
        try {
            System.err.println("[scepsy] " + line);
        } catch (Throwable unheard) {
            // Nobody to tell.
        }
    }

    /** Says a line unless something was said about its subject before. */
    public static void once(String subject, String line) {
        if (SAID.size() < SUBJECTS && SAID.add(subject)) {
            say(line);
        }
    }
}

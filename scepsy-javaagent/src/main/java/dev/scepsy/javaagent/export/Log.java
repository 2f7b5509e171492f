package dev.scepsy.javaagent.export;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Lines for people, on stderr; each subject is mentioned once. Thread-safe. */
final class Log {

    private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

    private Log() {}

    static void once(String subject, String line) {
        if (SAID.add(subject)) {
            System.err.println("[scepsy] " + line);
        }
    }
}

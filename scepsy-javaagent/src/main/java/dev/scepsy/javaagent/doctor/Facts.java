package dev.scepsy.javaagent.doctor;

import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/** What an agent published about itself: texts and counts by name. Immutable. */
final class Facts {

    private static final String STATUS = "scepsy.agent.status";

    private final String java;
    private final Map<String, String> facts;

    private Facts(String java, Map<String, String> facts) {
        this.java = java;
        this.facts = facts;
    }

    /** Read from the properties of the JVM it is in. */
    static Facts of(Properties system) {
        Map<String, String> facts = new HashMap<>();
        system.getProperty(STATUS, "").lines().forEach(line -> {
            int equals = line.indexOf('=');
            if (equals > 0) {
                facts.put(line.substring(0, equals), line.substring(equals + 1));
            }
        });
        return new Facts(system.getProperty("java.version", "?"), facts);
    }

    String java() {
        return java;
    }

    /** Whether there is an agent at all. */
    boolean isEmpty() {
        return facts.isEmpty();
    }

    /** Empty where it is not said. */
    String text(String name) {
        return facts.getOrDefault(name, "");
    }

    /** 0 where it is not said. */
    long count(String name) {
        try {
            return Long.parseLong(text(name));
        } catch (NumberFormatException notSaid) {
            return 0;
        }
    }
}

package dev.scepsy.javaagent.doctor;

/**
 * The JVM looked at. Immutable.
 *
 * @param facts what the agent in it publishes
 * @param command main class or jar, and the program's arguments
 * @param jvmOptions the JVM's own options
 */
record Patient(Facts facts, String command, String jvmOptions) {

    /** A command without its arguments, which may be nobody's business. */
    static String program(String command) {
        int space = command.indexOf(' ');
        return space < 0 ? command : command.substring(0, space);
    }
}

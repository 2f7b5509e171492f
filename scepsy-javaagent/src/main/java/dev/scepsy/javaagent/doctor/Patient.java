package dev.scepsy.javaagent.doctor;

/**
 * The JVM looked at. Immutable.
 *
 * @param facts what the agent in it publishes
 * @param command main class or jar, and the program's arguments
 * @param jvmOptions the JVM's own options
 */
record Patient(Facts facts, String command, String jvmOptions) {}

/**
 * The JVM that the agent is a guest in: its threads, its standard error, its security manager. In: work and lines; out: the same
 * done so that neither side can harm the other.
 */
@NullMarked
package dev.scepsy.javaagent.host;

import org.jspecify.annotations.NullMarked;

/**
 * {@code java -jar scepsy-javaagent.jar --doctor PID}: looks into another JVM from outside and says in words how the agent there
 * is. In: that JVM's properties; out: sentences. Runs in a JVM of its own, without any library.
 */
@NullMarked
package dev.scepsy.javaagent.doctor;

import org.jspecify.annotations.NullMarked;

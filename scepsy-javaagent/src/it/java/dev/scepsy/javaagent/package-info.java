/** The built jar in JVMs of its own, watched from outside: exit codes, output, and the spans that really arrive over OTLP. */
@NullMarked
package dev.scepsy.javaagent;

import org.jspecify.annotations.NullMarked;

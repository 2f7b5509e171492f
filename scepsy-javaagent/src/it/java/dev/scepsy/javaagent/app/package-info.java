/** Applications that know nothing of the agent: run as JVMs of their own, with and without it. */
@NullMarked
package dev.scepsy.javaagent.app;

import org.jspecify.annotations.NullMarked;

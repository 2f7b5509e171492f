/** The agent's settings. In: system properties and environment variables; out: one immutable value. */
@NullMarked
package dev.scepsy.javaagent.setting;

import org.jspecify.annotations.NullMarked;

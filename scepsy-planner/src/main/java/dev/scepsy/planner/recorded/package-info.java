/**
 * Traces that are read whole, however they are spread over sources, and what reading them has to say. In: spans of sources; out: executions by a rule of roots, and counts for people.
 *
 * <p>API.
 */
@NullMarked
package dev.scepsy.planner.recorded;

import org.jspecify.annotations.NullMarked;

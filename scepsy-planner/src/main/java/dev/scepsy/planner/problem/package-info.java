/**
 * Puts the files together: names and aliases to models, measured curves and the engine model to candidates, statistics
 * to demands. In: what {@code file} read; out: the problem that {@code search} and {@code predict} work on, or everything
 * that only the files together show to be wrong.
 *
 * <p>API.
 */
@NullMarked
package dev.scepsy.planner.problem;

import org.jspecify.annotations.NullMarked;

/**
 * Statistics of an application while it runs: spans from any thread in, the statistics of the last while out. Plans are made by
 * {@link dev.scepsy.planner.planning.Planner}.
 *
 * <p>API.
 */
@NullMarked
package dev.scepsy.planner;

import org.jspecify.annotations.NullMarked;

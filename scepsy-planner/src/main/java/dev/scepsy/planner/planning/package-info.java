/**
 * The one door to a plan. In: what the files, or values in memory, say of hardware, models, curves and statistics, and what the plan
 * is to be best at; out: a placed plan with its explanation, or reasons with remedies. Called by the command line, the agent
 * and whoever uses the planner as a library. Knows no file, clock, thread or command line.
 *
 * <p>API.
 */
@NullMarked
package dev.scepsy.planner.planning;

import org.jspecify.annotations.NullMarked;

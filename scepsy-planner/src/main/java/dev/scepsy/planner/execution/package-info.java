/**
 * Which run of which workflow a span belongs to, and whether all of that run was seen. In: the spans of one trace; out: executions, complete or incomplete for one stated reason.
 *
 * <p>API are the values that other packages of the API take and give.
 */
@NullMarked
package dev.scepsy.planner.execution;

import org.jspecify.annotations.NullMarked;

/**
 * What executions say about each model's part in a workflow: calls, parallelism, shares, tokens, with intervals. In: complete executions; out: WorkflowStatistics.
 *
 * <p>API.
 */
@NullMarked
package dev.scepsy.planner.share;

import org.jspecify.annotations.NullMarked;

package dev.scepsy.planner.serve.observe;

import dev.scepsy.planner.share.ExecutionShares;

/**
 * A complete execution at the moment it counts.
 *
 * @param shown its workflow as shown at that moment
 * @param executions how many it stands for: 1/p
 */
public record FoldedExecution(String shown, ExecutionShares shares, double executions) {}

package dev.scepsy.planner.kernel;

/**
 * What a surface is of, on one card. Immutable.
 *
 * @param table {@code gemm}, {@code quantize}, {@code moe}, {@code generation-attention}, {@code context-attention},
 *     {@code generation-mla}, {@code mla-bmm}, {@code allreduce}: names of the tables it was thinned from
 * @param variant engine and number format, or what else tells kernels apart; {@code best}: the quickest of the engines
 * @param shape sizes that are not directions of the grid, blank-separated
 */
record KernelKey(String table, String variant, String shape) {}

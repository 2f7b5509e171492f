/**
 * What a plan says: GPU fraction, tensor parallelism and replicas for every model, and the GPUs they sit on. Values only; in: nothing, out: records every later stage shares.
 *
 * <p>API.
 */
@NullMarked
package dev.scepsy.planner.allocation;

import org.jspecify.annotations.NullMarked;

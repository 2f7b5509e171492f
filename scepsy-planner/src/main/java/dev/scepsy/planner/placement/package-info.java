/**
 * Puts replicas on GPUs: tensor-parallel groups inside one fast domain, fractions packed, replicas spread when free. In:
 * a cluster and allocations; out: one GPU list per replica, or the proof that none exists.
 *
 * <p>API are the values that other packages of the API take and give.
 */
@NullMarked
package dev.scepsy.planner.placement;

import org.jspecify.annotations.NullMarked;

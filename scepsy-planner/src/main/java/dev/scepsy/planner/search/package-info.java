/**
 * Chooses GPU type, fraction, tensor parallelism and replicas for every model so that the weighted workflow latency is
 * least and the whole can be placed. In: an {@link dev.scepsy.planner.search.AllocationProblem} and a
 * {@link dev.scepsy.planner.search.Placeability}; out: a {@link dev.scepsy.planner.search.SearchResult} with a proven
 * lower bound, or the reasons why there is no plan.
 */
@NullMarked
package dev.scepsy.planner.search;

import org.jspecify.annotations.NullMarked;

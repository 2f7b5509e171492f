/**
 * Finds a plan: GPU type, fraction, tensor parallelism and replicas for every model, so that the weighted workflow latency
 * (or what else the objective asks for) is least and the whole can be placed. In: an
 * {@link dev.scepsy.planner.search.choice.AllocationProblem} and a {@link dev.scepsy.planner.search.choice.Placeability};
 * out: a {@link dev.scepsy.planner.search.SearchResult} with a proven lower bound, or the reasons why there is no plan.
 * {@code docs/architecture.md} says how, step by step.
 *
 * <p>The rooms below, each using only those before it: {@code choice}, {@code price}, {@code exact} and {@code heuristic},
 * {@code solver}, {@code infeasible}, this door, {@code explain}. For use outside of the search are all public types of this
 * package and of {@code explain}; {@code AllocationProblem}, {@code Placeability}, {@code SearchLimits} and
 * {@code SearchEffort} of {@code choice}; and {@code InfeasibleReason} of {@code infeasible}. What else is public is so for
 * the rooms alone, and changes without notice.
 *
 * <p>API are the values that other packages of the API take and give.
 */
@NullMarked
package dev.scepsy.planner.search;

import org.jspecify.annotations.NullMarked;

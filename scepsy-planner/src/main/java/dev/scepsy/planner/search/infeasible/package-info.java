/**
 * Why there is no plan. {@link dev.scepsy.planner.search.infeasible.InfeasibleReason} is for everybody, what finds the reasons
 * for the other rooms of the search.
 */
@NullMarked
package dev.scepsy.planner.search.infeasible;

import org.jspecify.annotations.NullMarked;

/**
 * What is asked, and what there is to choose. {@link dev.scepsy.planner.search.choice.AllocationProblem},
 * {@link dev.scepsy.planner.search.choice.Placeability}, {@link dev.scepsy.planner.search.choice.SearchLimits} and
 * {@link dev.scepsy.planner.search.choice.SearchEffort} are for everybody; the problem in the search's own terms
 * ({@link dev.scepsy.planner.search.choice.ChoiceSpace}), its choices, what they cost and which of them another always beats
 * are for the other rooms of the search.
 */
@NullMarked
package dev.scepsy.planner.search.choice;

import org.jspecify.annotations.NullMarked;

/**
 * The questions that exact search and heuristic answer together: the best plan by a measure, whether there is any, and the
 * largest factor on the targets. For the other rooms of the search.
 */
@NullMarked
package dev.scepsy.planner.search.solver;

import org.jspecify.annotations.NullMarked;

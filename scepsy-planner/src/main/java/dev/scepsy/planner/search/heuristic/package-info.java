/**
 * Plans of problems beyond the exact search, with a bound: the Lagrangian heuristic, the repair of latency limits, and exchange
 * moves. For the other rooms of the search.
 */
@NullMarked
package dev.scepsy.planner.search.heuristic;

import org.jspecify.annotations.NullMarked;

/**
 * The exact search: branch and bound, branch and price for clusters that are full, no-goods learned from placement, and which
 * plan wins among equals. {@link dev.scepsy.planner.search.exact.ExactSearch} takes them in turn. For the other rooms of the
 * search.
 */
@NullMarked
package dev.scepsy.planner.search.exact;

import org.jspecify.annotations.NullMarked;

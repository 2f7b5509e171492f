/**
 * What is said of a plan or of its absence once it is known: why it is as it is, what would change it, what would make one
 * possible, and what is left of it when a node fails. All public types are for everybody.
 */
@NullMarked
package dev.scepsy.planner.search.explain;

import org.jspecify.annotations.NullMarked;

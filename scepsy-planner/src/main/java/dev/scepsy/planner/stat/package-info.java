/**
 * Plain statistics: exact percentiles, length of a union of intervals, the bootstrap. In: numbers; out: numbers.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.stat;

import org.jspecify.annotations.NullMarked;

/** Plain statistics: exact percentiles, length of a union of intervals, the bootstrap. In: numbers; out: numbers. */
@NullMarked
package dev.scepsy.planner.stat;

import org.jspecify.annotations.NullMarked;

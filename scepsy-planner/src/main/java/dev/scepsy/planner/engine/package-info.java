/**
 * The engine model on rows: closed-loop points to predict, measured ones to fit coefficients to, and folders of kernel tables to
 * thin. In: CSV; out: CSV, coefficients and surfaces as text, or everything that is wrong with the rows.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.engine;

import org.jspecify.annotations.NullMarked;

/**
 * Linear programmes with columns that join as they are found: rows and columns come in, shadow prices go out.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.linear;

import org.jspecify.annotations.NullMarked;

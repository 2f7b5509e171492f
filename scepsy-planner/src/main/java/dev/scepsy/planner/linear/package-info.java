/** Linear programmes with columns that join as they are found: rows and columns come in, shadow prices go out. */
@NullMarked
package dev.scepsy.planner.linear;

import org.jspecify.annotations.NullMarked;

/** The planner's front door: everything from spans to a placed plan is reachable from {@code Planner}. */
@NullMarked
package dev.scepsy.planner;

import org.jspecify.annotations.NullMarked;

/**
 * Which replica to measure next, so that a plan is soon as good as if all had been measured. In: what is believed of every
 * replica that could be measured, and a way to plan; out: the plan of now, how sure it is, the measurement that is worth most.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.campaign;

import org.jspecify.annotations.NullMarked;

/**
 * Notices that what a plan rests on has changed. In: executions, rates, loads of engines in order of time; out: changes with their evidence. Pure: no clock, thread, file or logger.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.detect;

import org.jspecify.annotations.NullMarked;

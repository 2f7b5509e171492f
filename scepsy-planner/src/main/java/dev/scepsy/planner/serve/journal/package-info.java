/**
 * What the service records of itself: proposals, plans that served, decisions, pins, events; and what keeps it, as interfaces. Its records are the API's JSON.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.serve.journal;

import org.jspecify.annotations.NullMarked;

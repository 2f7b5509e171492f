/**
 * The service's log: lines of JSON for machines, of text for people.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.serve.log;

import org.jspecify.annotations.NullMarked;

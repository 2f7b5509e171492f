/**
 * Tells others of proposals and decisions: the webhook. In: the journal's events; out: HTTP.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.serve.notify;

import org.jspecify.annotations.NullMarked;

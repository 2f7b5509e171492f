/**
 * The service's addresses: API, events, metrics, health, sessions; and who may use them.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.serve.web;

import org.jspecify.annotations.NullMarked;

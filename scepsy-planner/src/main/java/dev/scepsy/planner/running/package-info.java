/**
 * Executions that may still be running: spans as they come in, executions once nothing more is waited for out. In the agent and in the service.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.running;

import org.jspecify.annotations.NullMarked;

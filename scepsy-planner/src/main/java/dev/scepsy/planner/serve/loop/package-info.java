/**
 * Detect, propose, decide, apply, verify: one loop, and what people may do to it ({@link dev.scepsy.planner.serve.loop.Operations}).
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.serve.loop;

import org.jspecify.annotations.NullMarked;

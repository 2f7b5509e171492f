/**
 * Receiving OTLP for good: gRPC and HTTP on Armeria. In: requests of any exporter; out: what an {@link Intake} makes of them, a file of OTLP JSON lines, other endpoints. Not shipped in the agent, which has {@code otlp.OtlpReceiver}.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.receive;

import org.jspecify.annotations.NullMarked;

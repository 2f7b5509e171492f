/**
 * Results that other tools have measured. In: files of {@code vllm bench serve}, GuideLLM, AIPerf, or plain CSV. Out: runs at
 * one load each, and the latency curve they make together.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.benchmark;

import org.jspecify.annotations.NullMarked;

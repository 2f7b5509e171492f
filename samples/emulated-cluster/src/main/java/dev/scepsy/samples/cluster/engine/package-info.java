/**
 * vLLM engines without GPUs, on one event clock: in come OpenAI-compatible requests, out go answers when the engine model
 * says that the real engine would have given them. Everything runs on one event loop; nothing here is thread-safe.
 */
@NullMarked
package dev.scepsy.samples.cluster.engine;

import org.jspecify.annotations.NullMarked;

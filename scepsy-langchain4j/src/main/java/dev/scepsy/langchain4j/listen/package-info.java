/**
 * Turns LangChain4j's callbacks into OpenTelemetry spans of the GenAI conventions. In: requests, responses and errors
 * as LangChain4j reports them; out: spans, started and ended through the application's own tracer.
 *
 * <p>Internal: reached through {@code ScepsyLangChain4j}, changes without notice.
 */
@NullMarked
package dev.scepsy.langchain4j.listen;

import org.jspecify.annotations.NullMarked;

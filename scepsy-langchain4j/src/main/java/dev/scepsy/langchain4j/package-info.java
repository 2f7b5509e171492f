/**
 * What a LangChain4j application says to Scepsy, and what listens to it where no agent can be added. In: annotations,
 * and the callbacks LangChain4j offers; out: OpenTelemetry spans through the application's own OpenTelemetry.
 *
 * <p>API.
 */
@NullMarked
package dev.scepsy.langchain4j;

import org.jspecify.annotations.NullMarked;

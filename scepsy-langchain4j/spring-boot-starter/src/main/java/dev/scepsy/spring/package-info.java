/**
 * LangChain4j in a Spring Boot application, traced without the agent: what {@code dev.scepsy.langchain4j} offers, put where Spring
 * beans are made. In: the application context; out: OpenTelemetry spans, and observations for Micrometer's meters.
 */
@NullMarked
package dev.scepsy.spring;

import org.jspecify.annotations.NullMarked;

package dev.scepsy.spring;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What {@code scepsy.tracing} says in the application's properties.
 *
 * @param enabled whether anything is traced at all
 * @param workflows whether methods marked with {@code @Workflow} on beans run as workflows
 * @param observations whether workflows and calls of chat models are also observations, for Micrometer's meters
 */
@ConfigurationProperties("scepsy.tracing")
public record ScepsyTracingProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("true") boolean workflows,
        @DefaultValue("true") boolean observations) {}

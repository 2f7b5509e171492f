/** An ordinary Spring Boot application: it knows {@code @Workflow}, and nothing else of Scepsy. */
@NullMarked
package dev.scepsy.spring.assistant;

import org.jspecify.annotations.NullMarked;

/**
 * The one class that both sides of the class-loader border see. It is defined into the loader of LangChain4j, speaks in JDK
 * types only, and holds the only static state of the agent, because the border leaves no other way.
 */
@NullMarked
package dev.scepsy.javaagent.bridge;

import org.jspecify.annotations.NullMarked;

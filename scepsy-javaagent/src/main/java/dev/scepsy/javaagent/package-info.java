/**
 * The agent's front door, loaded by the application's class loader. In: the JVM's {@code premain} or {@code agentmain}
 * call; out: one class-file transformer that does nothing but look for LangChain4j until the first such class appears.
 * Everything behind it lives in the isolated loader ({@link dev.scepsy.javaagent.AgentClassLoader}).
 */
@NullMarked
package dev.scepsy.javaagent;

import org.jspecify.annotations.NullMarked;

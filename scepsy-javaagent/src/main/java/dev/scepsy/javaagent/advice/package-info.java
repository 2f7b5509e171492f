/**
 * What is woven into LangChain4j's methods: a call of the bridge at entry, one at exit. In: constants of the site; out:
 * nothing but the method's own result or exception.
 */
@NullMarked
package dev.scepsy.javaagent.advice;

import org.jspecify.annotations.NullMarked;

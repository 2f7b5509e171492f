/**
 * What woven methods mean: LangChain4j's types in, operations out. Loaded once per class loader that has LangChain4j, by a
 * loader that sees both sides; the only package that names LangChain4j types.
 */
@NullMarked
package dev.scepsy.javaagent.hook;

import org.jspecify.annotations.NullMarked;

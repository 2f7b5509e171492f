package dev.scepsy.javaagent.advice;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** Marks the advice parameter that receives the number of the woven site's hook, as a constant. */
@Retention(RetentionPolicy.RUNTIME)
public @interface Site {}

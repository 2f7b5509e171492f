package dev.scepsy.javaagent.advice;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** Marks the parameter that gets the number of the method's hook, as a constant. */
@Retention(RetentionPolicy.RUNTIME)
public @interface Site {}

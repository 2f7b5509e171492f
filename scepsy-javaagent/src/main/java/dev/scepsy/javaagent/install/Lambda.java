package dev.scepsy.javaagent.install;

/**
 * Stands for an object that a lambda or method reference made: what its work is known by.
 *
 * @param modelName the simple name of the class that has the lambda
 */
public record Lambda(String modelName) {}

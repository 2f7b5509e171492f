package dev.scepsy.samples.cluster.control;

import dev.scepsy.samples.cluster.process.HaproxyBinary;

/**
 * What router pods need of this machine.
 *
 * @param haproxy the program they run
 * @param nameserver the cluster's DNS as {@code HOST:PORT}
 */
public record RouterMachine(HaproxyBinary haproxy, String nameserver) {}

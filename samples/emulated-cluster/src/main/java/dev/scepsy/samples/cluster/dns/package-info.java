/**
 * The cluster's DNS: in, a question in one UDP packet; out, what Kubernetes' DNS specification has for it. The messages are pure functions of
 * bytes; what names there are, a {@link dev.scepsy.samples.cluster.dns.DnsZone} says.
 */
@NullMarked
package dev.scepsy.samples.cluster.dns;

import org.jspecify.annotations.NullMarked;

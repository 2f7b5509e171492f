package dev.scepsy.samples.demo;

import dev.scepsy.samples.cluster.process.HaproxyBinary;
import java.util.Arrays;
import java.util.stream.Collectors;

/** How a request finds an engine ({@code -Dscepsy.demo.routing=...}). */
enum Routing {
    /** What {@code scepsy apply} sets up: HAProxy before the engines, to the one with the fewest requests. */
    ROUTER("router", "the router that the plan brings"),
    /** The emulated cluster's gateway, which knows every queue at once; no real router does. */
    IDEAL("ideal", "an ideal router"),
    /** Each model's own Service alone, which balances connections. */
    KUBE_PROXY("kube-proxy", "each model's Service alone");

    private final String word;
    private final String described;

    Routing(String word, String described) {
        this.word = word;
        this.described = described;
    }

    /** What {@code models.yaml} says of it; names of engines that left are forgotten ten times as fast here as their clock says. */
    String asPlanned() {
        return this == ROUTER ? "{kind: haproxy, dnsSeconds: 2}" : "{kind: none}";
    }

    String described() {
        return described;
    }

    static Routing of(String word) {
        return Arrays.stream(values())
                .filter(routing -> routing.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new DemoFailure("scepsy.demo.routing (" + word + ") must be one of "
                        + Arrays.stream(values()).map(Routing::toString).collect(Collectors.joining(", ")) + "."));
    }

    /** What this machine can play: without HAProxy the ideal router stands in for it, which is said. */
    Routing playable() {
        HaproxyBinary haproxy = HaproxyBinary.find(System.getenv());
        if (this != ROUTER || haproxy.path().isPresent()) {
            return this;
        }
        Story.say(
                "NOT RUN: the router that 'scepsy apply' sets up. %s%n   Requests go through the emulated cluster's ideal router instead, which is a little better than any real one.",
                haproxy.whyNot());
        return IDEAL;
    }

    @Override
    public String toString() {
        return word;
    }
}

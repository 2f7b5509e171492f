package dev.scepsy.samples.demo;

import java.util.Arrays;
import java.util.stream.Collectors;

/** How a request finds an engine ({@code -Dscepsy.demo.routing=...}). */
enum Routing {
    /** What {@code scepsy apply} sets up: HAProxy before the engines, to the one with the fewest requests. */
    ROUTER("router"),
    /** The emulated cluster's gateway, which knows every queue at once; no real router does. */
    IDEAL("ideal"),
    /** Each model's own Service alone, which balances connections. */
    KUBE_PROXY("kube-proxy");

    private final String word;

    Routing(String word) {
        this.word = word;
    }

    static Routing of(String word) {
        return Arrays.stream(values())
                .filter(routing -> routing.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new DemoFailure("scepsy.demo.routing (" + word + ") must be one of "
                        + Arrays.stream(values()).map(Routing::toString).collect(Collectors.joining(", ")) + "."));
    }

    @Override
    public String toString() {
        return word;
    }
}

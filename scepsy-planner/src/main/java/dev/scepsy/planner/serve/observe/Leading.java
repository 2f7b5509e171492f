package dev.scepsy.planner.serve.observe;

import dev.scepsy.planner.serve.journal.Store;

/** Whether this service may write. Thread-safe. */
@FunctionalInterface
public interface Leading {

    /** Whether it leads, as far as it knows. */
    boolean now();

    /** A number of the time in which it leads; another one, or 0, once another service has led. It stays while it is not known who leads. */
    default long term() {
        return now() ? 1 : 0;
    }

    /** As the store says. */
    static Leading by(Store store) {
        return new Leading() {
            @Override
            public boolean now() {
                return store.leads();
            }

            @Override
            public long term() {
                return store.term();
            }
        };
    }
}

package dev.scepsy.planner.simulate;

import java.util.List;
import java.util.function.Consumer;

/** One replica of a model inside a simulation. Mutable, confined to its simulation. */
interface Station {

    /** Takes a call in now and hands it on when it is answered. Only while it is up. */
    void submit(ServedCall call, Consumer<ServedCall> answered);

    /** Calls inside. */
    int inside();

    /** Goes down with everything inside, and says what that was, in the order of arrival. */
    List<ServedCall> fail();

    /** Comes back, empty. */
    void restart();

    /** From now on its steps take {@code factor} times as long as they should. */
    void slow(double factor);

    /** What it did so far. */
    Tally tally();
}

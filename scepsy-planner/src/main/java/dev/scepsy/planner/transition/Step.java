package dev.scepsy.planner.transition;

/** One change of the serving state. Carrying out a step ends when the engine is ready, or gone. Immutable. */
public sealed interface Step {

    /** The engine that changes. */
    Engine engine();

    /** Why, in a sentence's end: "the plan wants it", "makes room for ...". */
    String why();

    /** Start an engine and wait until it is ready; where it exists already, only wait. */
    record Start(Engine engine, String why) implements Step {
        @Override
        public String toString() {
            return "start " + engine + ": " + why;
        }
    }

    /** Take an engine out of its service, let it finish what it has, and stop it. */
    record Stop(Engine engine, String why) implements Step {
        @Override
        public String toString() {
            return "stop " + engine + ": " + why;
        }
    }
}

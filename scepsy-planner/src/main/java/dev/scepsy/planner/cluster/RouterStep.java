package dev.scepsy.planner.cluster;

/**
 * What a push does to what stands before the engines. Immutable.
 *
 * @param action what is done
 * @param text what is done, for people
 * @param expected how long it is expected to take
 */
public record RouterStep(Action action, String text, StepTime expected) {

    /** What can be done. */
    public enum Action {
        /** The router's pods are started, or replaced one by one where their configuration changes. */
        START("start"),
        /** The Services of the models lead to the router. */
        LEAD_TO_ROUTER("lead-to-router"),
        /** The Services of the models lead to the engines themselves. */
        LEAD_TO_ENGINES("lead-to-engines"),
        /** The router finishes its requests and goes. */
        REMOVE("remove"),
        /** Objects of the inference extension are written. */
        WRITE_ROUTES("write-routes");

        private final String key;

        Action(String key) {
            this.key = key;
        }

        /** As JSON has it. */
        public String key() {
            return key;
        }
    }

    @Override
    public String toString() {
        return text + "; " + expected;
    }
}

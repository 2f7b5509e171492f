package dev.scepsy.javaagent.scenario;

/** What the application itself does with OpenTelemetry around a round. */
interface Telemetry {

    void around(Runnable round);

    void close();

    /** An application that does not know it. */
    static Telemetry none() {
        return new Telemetry() {
            @Override
            public void around(Runnable round) {
                round.run();
            }

            @Override
            public void close() {
                // Nothing was opened.
            }
        };
    }
}

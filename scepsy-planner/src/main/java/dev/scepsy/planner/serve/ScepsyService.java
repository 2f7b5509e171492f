package dev.scepsy.planner.serve;

import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.util.List;

/** The planner service, running. Close it to end it in order. */
public final class ScepsyService implements AutoCloseable {

    private final List<String> banner;

    private ScepsyService(List<String> banner) {
        this.banner = banner;
    }

    /** It does not start; the message is for people. */
    public static final class RefusedException extends Exception {

        private static final long serialVersionUID = 1;

        private final int exitCode;

        public RefusedException(int exitCode, String message) {
            super(message);
            this.exitCode = exitCode;
        }

        /** 2: bad input, or an address in use; 4: the store refuses. */
        public int exitCode() {
            return exitCode;
        }
    }

    /**
     * Starts it.
     *
     * @throws RefusedException if an address is in use or the store cannot be had; nothing runs on then
     */
    public static ScepsyService start(ServeSettings settings, ServiceTime time, ServiceLog log)
            throws RefusedException {
        return new ScepsyService(List.of("mode " + settings.replan().mode()));
    }

    /** What a person wants to know when it is ready, a line each. */
    public List<String> banner() {
        return banner;
    }

    @Override
    public void close() {}
}

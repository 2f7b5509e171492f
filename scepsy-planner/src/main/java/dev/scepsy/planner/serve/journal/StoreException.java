package dev.scepsy.planner.serve.journal;

/** The store cannot be used now: gone, full, or led by another service. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean standby;

    public StoreException(String message, Throwable cause) {
        super(message, cause);
        this.standby = false;
    }

    private StoreException(String message) {
        super(message);
        this.standby = true;
    }

    /** Another service leads. */
    public static StoreException standby(String leader) {
        return new StoreException("Another service leads (" + leader + "): this one stands by.");
    }

    /** Whether another service leads. */
    public boolean isStandby() {
        return standby;
    }
}

package dev.scepsy.planner.otlp;

import java.io.IOException;

/** A request that is not OTLP; the message says what is wrong, for people. */
public final class MalformedOtlpException extends IOException {

    private static final long serialVersionUID = 1;

    private final String message;

    MalformedOtlpException(String message) {
        super(message);
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }
}

package dev.scepsy.planner.serve.engines;

/** What an engine answered is no exposition of metrics; the message says where and why. */
final class MalformedMetricsException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedMetricsException(String message) {
        super(message);
    }
}

package dev.scepsy.planner.receive;

/** What OTLP carries, and where. */
public enum Signal {
    TRACES("traces", "trace.v1.TraceService"),
    METRICS("metrics", "metrics.v1.MetricsService"),
    LOGS("logs", "logs.v1.LogsService");

    private final String word;
    private final String service;

    Signal(String word, String service) {
        this.word = word;
        this.service = service;
    }

    /** As people and paths call it. */
    public String word() {
        return word;
    }

    /** Where exporters post it over HTTP. */
    public String httpPath() {
        return "/v1/" + word;
    }

    /** Where exporters call it over gRPC. */
    String grpcPath() {
        return "/opentelemetry.proto.collector." + service + "/Export";
    }
}

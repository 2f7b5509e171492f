package dev.scepsy.javaagent.doctor;

import java.net.URI;

/** What a failed export means, and what to do: from {@code HTTP 404} or an exception's text to a sentence. */
final class ExportProblem {

    private static final int GRPC_PORT = 4317;
    private static final int JAEGER_UI_PORT = 16_686;

    private ExportProblem() {}

    static String inWords(String endpoint, String problem) {
        int port = port(endpoint);
        String at = " at " + endpoint;
        if (problem.contains("ConnectException") || problem.contains("NoRouteToHost")) {
            return "Nothing listens" + at + " (connection refused). Start Jaeger or a collector there"
                    + " (docker compose -f samples/jaeger/compose.yaml up -d), or set OTEL_EXPORTER_OTLP_ENDPOINT.";
        }
        if (problem.contains("UnknownHost")) {
            return "The host of " + endpoint + " is not known here. Correct OTEL_EXPORTER_OTLP_ENDPOINT.";
        }
        if (problem.equals("web page") || (port == JAEGER_UI_PORT && problem.startsWith("HTTP "))) {
            return "What answers" + at + " is a web page, not an OTLP receiver. Jaeger's pages are on 16686,"
                    + " its OTLP receiver on 4318.";
        }
        if (port == GRPC_PORT && !problem.contains("Timeout")) {
            return "Port 4317 is that of OTLP over gRPC, the agent speaks OTLP over HTTP (" + problem
                    + "). Set OTEL_EXPORTER_OTLP_ENDPOINT to port 4318.";
        }
        if (problem.equals("HTTP 404") || problem.equals("HTTP 405")) {
            return "Something listens" + at + ", but takes no OTLP under this path (" + problem
                    + "). OTEL_EXPORTER_OTLP_ENDPOINT is the address without path (/v1/traces is added);"
                    + " OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is the whole address.";
        }
        if (problem.equals("HTTP 401") || problem.equals("HTTP 403")) {
            return "The receiver" + at + " wants credentials (" + problem + "). Set OTEL_EXPORTER_OTLP_HEADERS,"
                    + " for instance authorization=Bearer%20....";
        }
        if (problem.equals("HTTP 400") || problem.equals("HTTP 415")) {
            return "The receiver" + at + " does not understand http/protobuf (" + problem
                    + "): is it an OTLP receiver?";
        }
        if (problem.startsWith("HTTP ")) {
            return "The receiver" + at + " answers " + problem
                    + ": it is there, but cannot take spans now. See its log.";
        }
        if (problem.contains("SocketTimeout")) {
            return "The receiver" + at
                    + " accepts connections and does not answer"
                    + (endpoint.startsWith("https:") ? ": does it speak TLS at all?" : ". See its log;")
                    + " OTEL_EXPORTER_OTLP_TIMEOUT"
                    + " says how long the agent waits.";
        }
        if (problem.contains("SSL")) {
            return "What listens" + at + " does not speak the TLS that the address says (" + problem
                    + "). Correct http or https in OTEL_EXPORTER_OTLP_ENDPOINT, or set OTEL_EXPORTER_OTLP_CERTIFICATE.";
        }
        if (problem.contains("SocketException")
                || problem.contains("Invalid Http response")
                || problem.equals("no HTTP response")
                || problem.contains("end of file")) {
            return "What listens" + at + " does not speak HTTP (" + problem
                    + "): is it a gRPC port? The agent speaks OTLP over HTTP, usually on port 4318.";
        }
        return "Spans cannot be delivered to " + endpoint + ": " + problem + ".";
    }

    private static int port(String endpoint) {
        try {
            return URI.create(endpoint).getPort();
        } catch (IllegalArgumentException unreadable) {
            return -1;
        }
    }
}

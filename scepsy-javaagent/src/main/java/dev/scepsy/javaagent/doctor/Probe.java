package dev.scepsy.javaagent.doctor;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;

/** Asks an OTLP endpoint the way an exporter does: a request without any span, which every receiver accepts and forgets. */
final class Probe {

    private static final int PATIENCE_MILLIS = 3_000;

    private Probe() {}

    /** The answer in the words of {@link ExportProblem}; empty when it is that of an OTLP receiver. */
    static String ask(String endpoint) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(endpoint).toURL().openConnection();
            connection.setConnectTimeout(PATIENCE_MILLIS);
            connection.setReadTimeout(PATIENCE_MILLIS);
            connection.setRequestMethod("POST");
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/x-protobuf");
            connection.setFixedLengthStreamingMode(0);
            connection.getOutputStream().close();
            int status = connection.getResponseCode();
            String type = String.valueOf(connection.getContentType());
            if (status < 0) {
                return "no HTTP response";
            }
            if (status >= 400) {
                return "HTTP " + status;
            }
            return type.startsWith("text/html") ? "web page" : "";
        } catch (IOException | IllegalArgumentException failure) {
            return failure.toString();
        }
    }
}

package dev.scepsy.planner.serve;

import java.net.InetSocketAddress;
import java.util.Map;

/** What is said where an address cannot be listened on: most often a collector or Jaeger has it already. */
final class PortTaken {

    private static final Map<String, Integer> JAEGERS = Map.of("otlpGrpc", 4317, "otlpHttp", 4318);
    private static final int AWAY = 10_000;
    private static final int PORTS = 65_536;

    private PortTaken() {}

    /**
     * One sentence or two.
     *
     * @param key below {@code listen} in {@code serve.yaml}
     * @param reason the system's own words, such as {@code Address already in use}
     */
    static String sentence(String key, InetSocketAddress address, String reason) {
        int port = address.getPort();
        String host = address.getHostString();
        String elsewhere = "listen." + key + ": \"" + host + ":" + (port + AWAY) % PORTS + "\"";
        String head = "listen." + key + ": " + host + ":" + port + " cannot be listened on (" + reason + "): ";
        if (JAEGERS.getOrDefault(key, -1) == port) {
            return head
                    + "if Jaeger or a collector has it, move that (docker run -p 14317:4317 -p 14318:4318 ...) and pass"
                    + " all on to it by forward: [\"http://127.0.0.1:14318\"], or listen elsewhere (" + elsewhere
                    + ").";
        }
        return head + "stop what has it, or listen elsewhere (" + elsewhere + ").";
    }
}

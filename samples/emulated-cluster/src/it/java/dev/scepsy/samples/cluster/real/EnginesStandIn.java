package dev.scepsy.samples.cluster.real;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Answers {@code /metrics} for all pods at one address of this machine: the API server proxies to no loopback address, and says in
 * {@code X-Forwarded-Uri} which pod it was asked for. Thread-safe.
 */
final class EnginesStandIn implements AutoCloseable {

    private static final int PORT = 8000;
    private static final Pattern POD = Pattern.compile("/pods/(?:http:)?([^:/]+)(?::[^/]*)?/proxy(/.*)");

    private final InetAddress address;
    private final HttpServer server;
    private final Map<String, Integer> requests = new ConcurrentHashMap<>();
    private volatile String dialect = "vllm";

    private EnginesStandIn(InetAddress address) throws IOException {
        this.address = address;
        this.server = HttpServer.create(new InetSocketAddress(address, PORT), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    static EnginesStandIn start() {
        InetAddress address = address(NetworkInterface::networkInterfaces)
                .orElseThrow(() -> new IllegalStateException("This machine has no address but loopback."));
        try {
            return new EnginesStandIn(address);
        } catch (IOException taken) {
            throw new UncheckedIOException("Port " + PORT + " of " + address.getHostAddress() + " is taken.", taken);
        }
    }

    private interface Interfaces {
        java.util.stream.Stream<NetworkInterface> all() throws SocketException;
    }

    private static Optional<InetAddress> address(Interfaces interfaces) {
        try {
            return interfaces
                    .all()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(each -> each instanceof java.net.Inet4Address
                            && !each.isLoopbackAddress()
                            && !each.isLinkLocalAddress())
                    .findFirst();
        } catch (SocketException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Where all pods are said to be. */
    String address() {
        return address.getHostAddress();
    }

    /** Requests that the pod is said to hold. */
    int requests(String pod) {
        return requests.getOrDefault(pod, 0);
    }

    void setRequests(String pod, int count) {
        requests.put(pod, count);
    }

    /** How gauges are named: {@code vllm}, {@code sglang}, {@code trtllm}, or {@code other}. */
    void dialect(String name) {
        dialect = name;
    }

    /** Ends all requests and faults. */
    void reset() {
        requests.clear();
        dialect = "vllm";
    }

    private void answer(HttpExchange exchange) throws IOException {
        String asked = String.valueOf(exchange.getRequestHeaders().getFirst("X-Forwarded-Uri"));
        Matcher pod = POD.matcher(asked);
        boolean known = pod.find();
        // trtllm-serve has statistics in JSON where others have their gauges
        boolean elsewhere = dialect.equals("trtllm") && known && pod.group(2).equals("/metrics");
        byte[] body = (elsewhere ? "[]" : known ? gauges(requests(pod.group(1))) : "Not Found\n")
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4");
        exchange.sendResponseHeaders(known ? 200 : 404, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private String gauges(int running) {
        return switch (dialect) {
            case "vllm" ->
                "vllm:num_requests_running{engine=\"0\"} " + running
                        + ".0\nvllm:num_requests_waiting{engine=\"0\"} 0.0\n";
            case "sglang" ->
                "sglang:num_running_reqs{engine_type=\"unified\"} " + running + ".0\nsglang:num_queue_reqs{} 0.0\n";
            case "trtllm" -> "trtllm_num_requests_running " + running + "\ntrtllm_num_requests_waiting 0\n";
            default -> "requests_of_an_engine_that_nobody_knows " + running + "\n";
        };
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

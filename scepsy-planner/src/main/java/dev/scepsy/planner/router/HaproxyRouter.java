package dev.scepsy.planner.router;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The configuration of HAProxy, from version 2.6 on: each request goes to the engine with the fewest requests in flight, ties in
 * turns. Engines are found by DNS.
 */
final class HaproxyRouter {

    static final String IMAGE = "haproxy:3.2.4";

    private static final String FOLDER = "/usr/local/etc/haproxy";
    private static final int STATS_PORT = 8404;
    private static final int IMAGES_USER = 99;

    /** Beside the body a buffer holds the head of a request, as much as HAProxy takes by default, and what marks their parts. */
    private static final int HEAD_BYTES = 16_384;

    /** A request keeps one buffer until its answer begins, so that it can be sent again; another is in use while it comes in. */
    private static final int BUFFERS_PER_REQUEST = 2;

    /** The program itself and its tables of servers, MiB. */
    private static final int OWN_MEMORY_MIB = 128;

    private static final int DNS_BYTES_PER_ENGINE = 128;
    private static final int LEAST_DNS_BYTES = 8192;
    private static final int MOST_DNS_BYTES = 65_535;

    private HaproxyRouter() {}

    static RouterProgram of(Routing routing, String namespace, int port) {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("haproxy.cfg", configuration(routing, namespace, port));
        files.put("router.lua", HaproxyLua.SCRIPT);
        files.put("models.map", models(routing));
        files.put("services.map", services(routing));
        files.put("models.json", routing.modelList());
        RouterSettings settings = routing.settings();
        long bufferBytes = (long) settings.maxConnections() * BUFFERS_PER_REQUEST * bufferBytes(settings);
        return new RouterProgram(
                settings.image().orElse(IMAGE),
                List.of("haproxy", "-W", "-db", "-f", FOLDER + "/haproxy.cfg"),
                FOLDER,
                files,
                STATS_PORT,
                "/healthz",
                "/readyz",
                IMAGES_USER,
                Math.toIntExact(OWN_MEMORY_MIB + (bufferBytes >> 20)),
                List.of("sleep", Integer.toString(RouterProgram.LEAVE_SECONDS)),
                RouterProgram.GRACE_SECONDS,
                false);
    }

    private static int bodyBytes(RouterSettings settings) {
        return settings.maxRequestKiB() * 1024;
    }

    private static int bufferBytes(RouterSettings settings) {
        return bodyBytes(settings) + HEAD_BYTES;
    }

    private static String configuration(Routing routing, String namespace, int port) {
        RouterSettings settings = routing.settings();
        int engines =
                routing.models().stream().mapToInt(RoutedModel::engines).max().orElse(1);
        return HaproxyText.GLOBAL.formatted(
                        settings.maxConnections() + 100,
                        bufferBytes(settings),
                        RouterProgram.GRACE_SECONDS - 2 * RouterProgram.LEAVE_SECONDS,
                        RouterProgram.CLOSE_SECONDS,
                        Math.min(MOST_DNS_BYTES, Math.max(LEAST_DNS_BYTES, 2 * engines * DNS_BYTES_PER_ENGINE)))
                + HaproxyText.FRONTEND.formatted(
                        port, settings.maxConnections(), bodyBytes(settings), bodyBytes(settings))
                + backends(routing, namespace)
                + health(routing);
    }

    private static String backends(Routing routing, String namespace) {
        StringBuilder text = new StringBuilder();
        for (RoutedModel model : routing.models()) {
            text.append(HaproxyText.BACKEND.formatted(
                    model.service(),
                    Routing.places(model),
                    "_http._tcp." + model.enginesService() + "." + namespace + ".svc."
                            + routing.settings().clusterDomain()));
        }
        return text.toString();
    }

    private static String health(Routing routing) {
        StringBuilder known = new StringBuilder();
        for (RoutedModel model : routing.models()) {
            known.append("    http-request set-var(proc.known) int(1) if { nbsrv(")
                    .append(model.service())
                    .append(") gt 0 }\n");
        }
        return HaproxyText.HEALTH.formatted(STATS_PORT, known);
    }

    /** Names to backends, one a line. */
    private static String models(Routing routing) {
        List<String> lines = new ArrayList<>();
        routing.models()
                .forEach(
                        model -> model.names().forEach(name -> lines.add(mapKey(name) + " " + model.service() + "\n")));
        return String.join("", lines);
    }

    /** First labels of host names to backends. */
    private static String services(Routing routing) {
        List<String> lines = new ArrayList<>();
        routing.models().forEach(model -> lines.add(model.service() + " " + model.service() + "\n"));
        return String.join("", lines);
    }

    /** As {@link HaproxyLua} writes it: bytes that could end a key, or begin a comment, in per cent notation. */
    static String mapKey(String name) {
        StringBuilder key = new StringBuilder();
        for (byte each : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (each & 0xff);
            boolean plain = (c >= 'A' && c <= 'Z')
                    || (c >= 'a' && c <= 'z')
                    || (c >= '0' && c <= '9')
                    || "-._~/:@".indexOf(c) >= 0;
            key.append(plain ? String.valueOf(c) : String.format(Locale.ROOT, "%%%02X", (int) c));
        }
        return key.toString();
    }
}

package dev.scepsy.planner.router;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The configuration of Envoy: of two engines drawn at random the one with fewer requests in flight. Engines are found by DNS
 * addresses, Envoy does not ask for SRV records.
 */
final class EnvoyRouter {

    static final String IMAGE = "envoyproxy/envoy:v1.40.0";

    private static final String FOLDER = "/etc/envoy";
    private static final int STATE_PORT = 9901;
    private static final int ADMIN_PORT = 9902;
    private static final int IMAGES_USER = 101;

    /** A request keeps its body until its answer begins, and a second one is in use while it comes in. */
    private static final int BUFFERS_PER_REQUEST = 2;

    private static final int OWN_MEMORY_MIB = 256;

    private EnvoyRouter() {}

    static RouterProgram of(Routing routing, String namespace, int port) {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("envoy.yaml", configuration(routing, namespace, port));
        RouterSettings settings = routing.settings();
        long bufferKiB = (long) settings.maxConnections() * BUFFERS_PER_REQUEST * settings.maxRequestKiB();
        return new RouterProgram(
                settings.image().orElse(IMAGE),
                List.of(
                        "envoy",
                        "-c",
                        FOLDER + "/envoy.yaml",
                        "--concurrency",
                        "2",
                        "--log-level",
                        "warning",
                        "--drain-time-s",
                        "10"),
                FOLDER,
                files,
                STATE_PORT,
                "/ready",
                "/ready",
                IMAGES_USER,
                Math.toIntExact(OWN_MEMORY_MIB + (bufferKiB >> 10)),
                // asked to end, it ends at once: so it is told before to take nothing more, and given time to finish
                List.of("bash", "-c", DRAIN.formatted(RouterProgram.LEAVE_SECONDS, ADMIN_PORT, ADMIN_PORT)),
                RouterProgram.GRACE_SECONDS,
                false);
    }

    /** Until none is in flight any more, or the pod's time is over. */
    private static final String DRAIN = """
            ask() { exec 3<>/dev/tcp/127.0.0.1/$1; printf "$2 HTTP/1.0\\r\\nHost: router\\r\\n\\r\\n" >&3; cat <&3; exec 3>&-; }
            sleep %d
            ask %d 'POST /drain_listeners?graceful&skip_exit' >/dev/null
            while ! ask %d 'GET /stats?filter=http.models.downstream_rq_active' | grep -q 'downstream_rq_active: 0'; do sleep 1; done
            sleep 10
            """;

    private static String configuration(Routing routing, String namespace, int port) {
        int bodyBytes = routing.settings().maxRequestKiB() * 1024;
        StringBuilder text = new StringBuilder(EnvoyText.HEAD.formatted(
                ADMIN_PORT, routing.settings().maxConnections(), port, bodyBytes, Routing.json(routing.modelList())));
        for (RoutedModel model : routing.models()) {
            for (String name : model.names()) {
                text.append(
                        EnvoyText.BY_NAME.formatted(Routing.json(name), EnvoyText.ROUTE.formatted(model.service())));
            }
        }
        text.append(EnvoyText.UNKNOWN);
        for (RoutedModel model : routing.models()) {
            text.append(EnvoyText.BY_HOST.formatted(model.service(), EnvoyText.ROUTE.formatted(model.service())));
        }
        text.append(EnvoyText.UNNAMED).append(EnvoyText.ADMIN.formatted(STATE_PORT, ADMIN_PORT));
        for (RoutedModel model : routing.models()) {
            String name = model.enginesService() + "." + namespace + ".svc."
                    + routing.settings().clusterDomain();
            text.append(EnvoyText.CLUSTER.formatted(model.service(), model.service(), name, port));
        }
        return text.toString();
    }
}

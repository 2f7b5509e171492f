package dev.scepsy.planner.platform;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Serve's REST interface as Ray 2.60 behaves: a put removes every declared application that it leaves out, replicas come with the next
 * looks. Other people's puts are scripted.
 */
final class StandInRay implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final ObjectNode applications = JsonNodeFactory.instance.objectNode();
    final List<JsonNode> puts = new ArrayList<>();
    final List<String> tokens = new ArrayList<>();
    /** What happens right before the next requests, in order, one each. */
    final Deque<Runnable> before = new ArrayDeque<>();

    private String putAnswer = "";
    private int putCode = 200;
    private String failing = "";
    private double clock = 1;

    StandInRay() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/serve/applications/", this::answer);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    RayServePlatform platform() {
        return RayServePlatform.at(address(), java.util.Map.of("RAY_AUTH_TOKEN", "sesame"))
                .polling(java.time.Duration.ofMillis(1));
    }

    void refuse(int code, String answer) {
        putCode = code;
        putAnswer = answer;
    }

    /** Applications whose name has this in it never become ready. */
    void fail(String part) {
        failing = part;
    }

    /** Somebody else's application, as it was put. */
    synchronized ObjectNode foreign(String name, String source) {
        ObjectNode config = JsonNodeFactory.instance
                .objectNode()
                .put("name", name)
                .put("route_prefix", "/" + name)
                .put("import_path", name + ":app");
        config.putObject("runtime_env").putObject("env_vars").put("SECRET", "s");
        ObjectNode application = declare(config);
        application.put("source", source).put("status", "RUNNING");
        if (source.equals("imperative")) {
            application.putNull("deployed_app_config");
        }
        return application;
    }

    synchronized ObjectNode application(String name) {
        return (ObjectNode) applications.get(name);
    }

    synchronized List<String> names() {
        List<String> names = new ArrayList<>();
        applications.fields().forEachRemaining(each -> {
            if (!each.getValue().path("status").asText().equals("DELETING")) {
                names.add(each.getKey());
            }
        });
        return names;
    }

    private ObjectNode declare(JsonNode config) {
        String name = config.path("name").asText();
        ObjectNode application = applications.putObject(name);
        application
                .put("name", name)
                .put("status", "DEPLOYING")
                .put("message", "")
                .put("source", "declarative")
                .put("last_deployed_time_s", clock++);
        application.set("route_prefix", config.path("route_prefix"));
        application.set("deployed_app_config", config);
        application.putObject("deployments");
        return application;
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            tokens.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            Runnable event = before.poll();
            if (event != null) {
                event.run();
            }
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (exchange.getRequestMethod().equals("PUT")) {
                put(exchange, JSON.readTree(body));
            } else {
                settle();
                ObjectNode details = JsonNodeFactory.instance.objectNode();
                details.put("proxy_location", "HeadOnly").put("target_capacity", 80.0);
                details.putObject("http_options").put("host", "127.0.0.1").put("port", 18000);
                details.set("applications", applications);
                send(exchange, 200, details.toString());
            }
        }
    }

    private void put(HttpExchange exchange, JsonNode body) throws IOException {
        if (putCode != 200) {
            send(exchange, putCode, putAnswer);
            return;
        }
        puts.add(body);
        List<String> listed = new ArrayList<>();
        for (JsonNode config : body.path("applications")) {
            String name = config.path("name").asText();
            listed.add(name);
            if (!config.equals(applications.path(name).path("deployed_app_config"))) {
                declare(config);
            } else {
                application(name).put("status", "RUNNING");
            }
        }
        for (String name : names()) {
            if (!listed.contains(name)
                    && application(name).path("source").asText().equals("declarative")) {
                application(name).put("status", "DELETING");
            }
        }
        send(exchange, 200, "");
    }

    private void settle() {
        applications.forEach(each -> {
            ObjectNode application = (ObjectNode) each;
            JsonNode config = application.path("deployed_app_config");
            if (application.path("status").asText().equals("DEPLOYING")) {
                boolean fails =
                        !failing.isEmpty() && application.path("name").asText().contains(failing);
                application.put("status", fails ? "DEPLOY_FAILED" : "RUNNING");
                application.put("message", fails ? "Traceback: no such module" : "");
                int replicas = config.at("/args/llm_configs/0/deployment_config/num_replicas")
                        .asInt(1);
                String model = config.at("/args/llm_configs/0/model_loading_config/model_id")
                        .asText();
                var states = application
                        .withObject("/deployments")
                        .putObject("LLMServer:" + model)
                        .putArray("replicas");
                for (int i = 0; i < replicas && !fails; i++) {
                    states.addObject().put("state", "RUNNING");
                }
            }
        });
    }

    private static void send(HttpExchange exchange, int code, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

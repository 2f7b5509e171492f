package dev.scepsy.samples.cluster.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.samples.cluster.EmulatedCluster;
import dev.scepsy.samples.cluster.Engines;
import dev.scepsy.samples.cluster.TestClusters;
import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Services as kube-proxy serves them: connections, not requests. */
class ServiceTest {
    private final HttpClient http = HttpClient.newHttpClient();
    private EmulatedCluster cluster;
    private KubernetesClient client;

    @BeforeEach
    void start() {
        cluster = TestClusters.start();
        client = Engines.client(cluster);
    }

    @AfterEach
    void stop() {
        client.close();
        cluster.close();
    }

    @Test
    void allRequestsOfOneConnectionGoToOnePod() throws Exception {
        Engines.serve(client, "generator", "0.5", 3);
        awaitRouted("generator");

        try (Connection kept = new Connection(port("generator"))) {
            for (int i = 0; i < 12; i++) {
                assertThat(kept.ask("generator")).startsWith("HTTP/1.1 200");
            }
        }

        assertThat(answered().values()).containsExactlyInAnyOrder(0, 0, 12);
    }

    @Test
    void newConnectionsFindEveryPod() throws Exception {
        Engines.serve(client, "generator", "0.5", 3);
        awaitRouted("generator");

        for (int i = 0; i < 30; i++) {
            try (Connection fresh = new Connection(port("generator"))) {
                assertThat(fresh.ask("generator")).startsWith("HTTP/1.1 200");
            }
        }

        assertThat(answered().values()).allSatisfy(count -> assertThat(count).isBetween(3, 20));
        assertThat(answered().values().stream().mapToInt(each -> each).sum()).isEqualTo(30);
    }

    @Test
    void aModelThatThePodDoesNotServeIsThePodsAnswer() throws Exception {
        Engines.serve(client, "generator", "0.5", 1);
        awaitRouted("generator");

        try (Connection connection = new Connection(port("generator"))) {
            assertThat(connection.ask("critic"))
                    .startsWith("HTTP/1.1 404")
                    .contains("The model `critic` does not exist.");
        }
    }

    @Test
    void aServiceWithoutReadyPodsDoesNotWaitForOne() {
        client.resource(Engines.service("generator")).serverSideApply();
        client.resource(Engines.deployment("generator", "generator", "0.5", 1)).serverSideApply();
        Engines.await("a port", () -> hasPort("generator"));

        assertThatThrownBy(() -> {
                    try (Connection connection = new Connection(port("generator"))) {
                        connection.ask("generator");
                    }
                })
                .isInstanceOf(SocketException.class);
    }

    @Test
    void aConnectionToAPodThatIsKilledEnds() throws Exception {
        Engines.serve(client, "generator", "0.5", 1);
        awaitRouted("generator");
        try (Connection connection = new Connection(port("generator"))) {
            connection.send("generator", 4000);
            Engines.await("request inside", () -> running() == 1);
            client.pods().withLabel("app", "generator").withGracePeriod(0).delete();

            // nothing was promised, and nothing is said: neither an answer nor an error
            assertThatThrownBy(connection::receive).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aConnectionOutlivesItsPodsEndpoint() throws Exception {
        Engines.serve(client, "generator", "0.5", 1);
        awaitRouted("generator");
        try (Connection connection = new Connection(port("generator"))) {
            connection.send("generator", 600);
            Engines.await("request inside", () -> running() == 1);
            client.apps().deployments().withName("generator").delete();
            Engines.await("no endpoint", () -> addresses("generator").isEmpty());

            assertThat(connection.receive()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void aPortNameThatNoPodHasLeadsNowhereAndANumberIsBelieved() {
        Engines.serve(client, "generator", "0.5", 2);
        client.resource(service("named", "http")).serverSideApply();
        client.resource(service("misnamed", "grpc")).serverSideApply();
        client.resource(service("misnumbered", 9000)).serverSideApply();

        Engines.await("found by name", () -> addresses("named").size() == 2);
        Engines.await("found by number", () -> addresses("misnumbered").size() == 2);
        assertThat(addresses("misnamed")).isEmpty();
        Engines.await("ports", () -> hasPort("misnumbered"));
        assertThatThrownBy(() -> {
                    try (Connection connection = new Connection(port("misnumbered"))) {
                        connection.ask("generator");
                    }
                })
                .isInstanceOf(SocketException.class);
    }

    @Test
    void aHeadlessServiceHasEndpointsAndNoPort() {
        Engines.serve(client, "generator", "0.5", 2);
        client.resource(new ServiceBuilder(service("headless", "http"))
                        .editSpec()
                        .withClusterIP("None")
                        .endSpec()
                        .build())
                .serverSideApply();

        Engines.await("endpoints", () -> addresses("headless").size() == 2);
        assertThat(hasPort("headless")).isFalse();
        Endpoints endpoints = client.endpoints().withName("headless").get();
        assertThat(endpoints.getSubsets())
                .extracting(subset -> subset.getPorts().get(0).getPort().toString())
                .containsExactlyInAnyOrderElementsOf(Engines.pods(client, "generator").stream()
                        .map(ServiceTest::podPort)
                        .toList());
    }

    @Test
    void everyPortOfAServiceHasItsOwnAddress() throws Exception {
        client.resource(Engines.service("generator")).serverSideApply();
        client.resource(new DeploymentBuilder(Engines.deployment("generator", "generator", "0.5", 1)).build())
                .serverSideApply();
        Service two = new ServiceBuilder(service("two", "http"))
                .editSpec()
                .addNewPort()
                .withName("other")
                .withPort(81)
                .withTargetPort(new IntOrString("http"))
                .endPort()
                .endSpec()
                .build();
        client.resource(two).serverSideApply();
        Engines.await("endpoints", () -> addresses("two").size() == 1);
        Engines.await(
                "two ports",
                () -> annotations("two").containsKey("scepsy.dev/emulated-port")
                        && annotations("two").containsKey("scepsy.dev/emulated-port-other"));
        for (String annotation : List.of("scepsy.dev/emulated-port", "scepsy.dev/emulated-port-other")) {
            int port = Integer.parseInt(annotations("two").get(annotation));
            Engines.await("routed", () -> answers(port));
        }
    }

    private static Service service(String name, Object targetPort) {
        return new ServiceBuilder(Engines.service("generator"))
                .editMetadata()
                .withName(name)
                .endMetadata()
                .editSpec()
                .editFirstPort()
                .withName("http")
                .withTargetPort(
                        targetPort instanceof Integer number
                                ? new IntOrString(number)
                                : new IntOrString((String) targetPort))
                .endPort()
                .endSpec()
                .build();
    }

    private Map<String, String> annotations(String service) {
        Map<String, String> annotations =
                client.services().withName(service).get().getMetadata().getAnnotations();
        return annotations == null ? Map.of() : annotations;
    }

    private boolean hasPort(String service) {
        return annotations(service).containsKey("scepsy.dev/emulated-port");
    }

    private int port(String service) {
        return Integer.parseInt(annotations(service).get("scepsy.dev/emulated-port"));
    }

    private List<EndpointAddress> addresses(String service) {
        Endpoints endpoints = client.endpoints().withName(service).get();
        List<EndpointAddress> addresses = new ArrayList<>();
        if (endpoints != null) {
            endpoints.getSubsets().forEach(subset -> addresses.addAll(subset.getAddresses()));
        }
        return addresses;
    }

    /** Waits until a connection through the service is answered: rules follow endpoints after a moment. */
    private void awaitRouted(String service) {
        Engines.await(
                "all endpoints",
                () -> addresses(service).size() == Engines.pods(client, service).size());
        double known = cluster.emulatedSeconds();
        Engines.await("rules written", () -> cluster.emulatedSeconds() > known + 1.5);
        assertThat(answers(port(service))).isTrue();
    }

    private static boolean answers(int port) {
        try (Connection connection = new Connection(port)) {
            return connection
                    .exchange("GET /health HTTP/1.1\r\nHost: engine\r\n\r\n")
                    .startsWith("HTTP/1.1 200");
        } catch (IOException refused) {
            return false;
        }
    }

    private static String podPort(Pod pod) {
        return pod.getMetadata().getAnnotations().get("scepsy.dev/emulated-port");
    }

    /** Requests that each pod has answered. */
    private Map<String, Integer> answered() {
        Map<String, Integer> byPod = new TreeMap<>();
        Engines.pods(client, "generator")
                .forEach(pod -> byPod.put(pod.getMetadata().getName(), (int) sum(pod, "vllm:request_success_total")));
        return byPod;
    }

    private int running() {
        return Engines.pods(client, "generator").stream()
                .mapToInt(pod -> (int) sum(pod, "vllm:num_requests_running"))
                .sum();
    }

    private double sum(Pod pod, String metric) {
        URI metrics = URI.create("http://127.0.0.1:" + podPort(pod) + "/metrics");
        String text = http.sendAsync(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
                .join()
                .body();
        return text.lines()
                .filter(line -> line.startsWith(metric + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /** One TCP connection that is kept alive. */
    private static final class Connection implements AutoCloseable {
        private final Socket socket;

        Connection(int port) throws IOException {
            this.socket = new Socket("127.0.0.1", port);
            socket.setSoTimeout(20_000);
        }

        String ask(String model) throws IOException {
            send(model, 5);
            return receive();
        }

        void send(String model, int outputTokens) throws IOException {
            String body = "{\"model\":\"" + model + "\",\"ignore_eos\":true,\"max_tokens\":" + outputTokens
                    + ",\"messages\":[{\"role\":\"user\",\"content\":\"tell me something\"}]}";
            write("POST /v1/chat/completions HTTP/1.1\r\nHost: engine\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + body.length() + "\r\n\r\n" + body);
        }

        String exchange(String request) throws IOException {
            write(request);
            return receive();
        }

        private void write(String request) throws IOException {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        }

        /** One response with a length. */
        String receive() throws IOException {
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    throw new IOException("the connection ended");
                }
                head.append((char) next);
            }
            String lower = head.toString().toLowerCase(java.util.Locale.ROOT);
            int at = lower.indexOf("content-length: ");
            int length = Integer.parseInt(lower.substring(at + 16, lower.indexOf("\r\n", at)));
            return head + new String(in.readNBytes(length), StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}

package dev.scepsy.javaagent.hook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpMethod;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.jdk.JdkHttpClient;
import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.Sampling;
import dev.scepsy.javaagent.trace.Tracer;
import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OutgoingHeadersTest {

    private final Tracer tracer = new Tracer(Sampling.of(settings(Map.of())), finished -> {});
    private final Operation workflow = tracer.begin(OperationKind.WORKFLOW, "invoke_workflow résumé", "w");
    private final Operation call = callBelow(workflow);
    private final HttpClient stays = client(Redirect.NEVER);

    @Test
    void anEngineIsToldTheCallsSpanAndNothingElse() {
        Map<String, List<String>> headers = sent(Map.of(), "http://engine:8000/v1", stays);

        assertThat(headers)
                .containsEntry("traceparent", List.of("00-" + call.traceId() + "-" + call.spanId() + "-01"))
                .containsEntry("Accept", List.of("a", "b"))
                .hasSize(2);
    }

    @Test
    void theWorkflowIsToldToListedHostsOnly() {
        Map<String, String> listed =
                Map.of("SCEPSY_PROPAGATION_WORKFLOW_HOSTS", "engine, other:9000, *.models.internal");

        for (String url : List.of("http://ENGINE:8000/v1", "http://other:9000", "https://a.models.internal/v1")) {
            assertThat(sent(listed, url, stays))
                    .containsEntry("scepsy-workflow", List.of("r%C3%A9sum%C3%A9"))
                    .containsEntry("scepsy-workflow-execution", List.of(workflow.spanId()));
        }
        for (String url : List.of("http://engine.evil/v1", "http://other:9001", "https://models.internal.evil/v1")) {
            assertThat(sent(listed, url, stays)).doesNotContainKeys("scepsy-workflow", "scepsy-workflow-execution");
        }
    }

    @Test
    void aClientThatMayGoElsewhereIsToldNothingAboutTheWorkflow() {
        Map<String, String> listed = Map.of("SCEPSY_PROPAGATION_WORKFLOW_HOSTS", "engine");

        assertThat(sent(listed, "http://engine/v1", client(Redirect.NORMAL))).doesNotContainKey("scepsy-workflow");
        assertThat(sent(listed, "http://engine/v1", "a client of somebody's")).doesNotContainKey("scepsy-workflow");
    }

    @Test
    void whatTheApplicationSaysItselfStays() {
        HttpRequest own = HttpRequest.builder()
                .method(HttpMethod.POST)
                .url("http://engine/v1")
                .addHeader("TraceParent", "mine")
                .body("{}")
                .build();

        assertThat(new OutgoingHeaders(settings(Map.of())).withHeaders(own, URI.create(own.url()), stays, call))
                .isSameAs(own);
    }

    @Test
    void bothCanBeSwitchedOffAndTheBodyIsKept() {
        assertThat(sent(Map.of("SCEPSY_PROPAGATION_TRACEPARENT", "false"), "http://engine/v1", stays))
                .doesNotContainKey("traceparent");
        assertThat(with(Map.of(), "http://engine/v1", stays).body()).isEqualTo("{\"a\": 1}");
    }

    private Map<String, List<String>> sent(Map<String, String> environment, String url, Object client) {
        return with(environment, url, client).headers();
    }

    private HttpRequest with(Map<String, String> environment, String url, Object client) {
        HttpRequest request = HttpRequest.builder()
                .method(HttpMethod.POST)
                .url(url)
                .addHeader("Accept", "a", "b")
                .body("{\"a\": 1}")
                .build();
        return new OutgoingHeaders(settings(environment)).withHeaders(request, URI.create(url), client, call);
    }

    private Operation callBelow(Operation above) {
        above.put(GenAi.WORKFLOW_NAME, "résumé");
        Object before = tracer.makeCurrent(above);
        try {
            return tracer.begin(OperationKind.CHAT, "chat m", "c");
        } finally {
            tracer.restore(before);
        }
    }

    private static HttpClient client(Redirect redirect) {
        return JdkHttpClient.builder()
                .httpClientBuilder(java.net.http.HttpClient.newBuilder().followRedirects(redirect))
                .build();
    }

    private static Settings settings(Map<String, String> environment) {
        return Settings.of(key -> null, environment::get);
    }
}

package dev.scepsy.spring;

import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import dev.scepsy.spring.assistant.Application;
import dev.scepsy.spring.assistant.Assistant;
import dev.scepsy.spring.assistant.Planner;
import dev.scepsy.spring.assistant.Research;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.TracingObservationHandler;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A whole Spring Boot application with LangChain4j's own starter; the build runs this with Spring Boot 3 and again with 4. */
class StarterTest {

    private static final String ANSWER = """
        {"id": "cmpl-1", "object": "chat.completion", "created": 1, "model": "critic-0613",
         "choices": [{"index": 0, "message": {"role": "assistant", "content": "well"}, "finish_reason": "stop"}],
         "usage": {"prompt_tokens": 21, "completion_tokens": 5, "total_tokens": 26}}
        """;

    private static final WireMockServer MODELS = new WireMockServer(options().dynamicPort());
    private static final InMemorySpanExporter SPANS = InMemorySpanExporter.create();

    private static @Nullable ConfigurableApplicationContext asItComes;

    private final List<ConfigurableApplicationContext> contexts = new ArrayList<>();

    @BeforeAll
    static void startModels() {
        MODELS.start();
        MODELS.stubFor(post(urlPathEqualTo("/v1/chat/completions")).willReturn(okJson(ANSWER)));
    }

    @AfterAll
    static void stopModels() {
        closeAsItComes();
        MODELS.stop();
    }

    private static void closeAsItComes() {
        if (asItComes != null) {
            asItComes.close();
            asItComes = null;
        }
    }

    @AfterEach
    void closeContexts() {
        contexts.forEach(ConfigurableApplicationContext::close);
        SPANS.reset();
        System.clearProperty("scepsy.agent.active");
    }

    /** An OpenTelemetry whose spans stay here. */
    @Configuration(proxyBeanMethods = false)
    static class Tracing {
        @Bean(destroyMethod = "") // the exporter outlives the contexts of these tests
        OpenTelemetry openTelemetry() {
            return OpenTelemetrySdk.builder()
                    .setTracerProvider(SdkTracerProvider.builder()
                            .addSpanProcessor(SimpleSpanProcessor.create(SPANS))
                            .build())
                    .build();
        }
    }

    /** Micrometer's observations as Spring Boot's actuator puts them together: tracing handlers, of which the first takes all, and meters. */
    @Configuration(proxyBeanMethods = false)
    static class Observing {
        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }

        @Bean
        ObservationRegistry observations(
                OpenTelemetry openTelemetry, MeterRegistry meters, List<TracingObservationHandler<?>> handlers) {
            ObservationRegistry registry = ObservationRegistry.create();
            List<ObservationHandler<?>> tracing = new ArrayList<>(handlers);
            tracing.add(new DefaultTracingObservationHandler(
                    new OtelTracer(openTelemetry.getTracer("micrometer"), new OtelCurrentTraceContext(), event -> {})));
            registry.observationConfig()
                    .observationHandler(new ObservationHandler.FirstMatchingCompositeObservationHandler(tracing))
                    .observationHandler(new DefaultMeterObservationHandler(meters));
            return registry;
        }
    }

    private ConfigurableApplicationContext run(List<Class<?>> parts, String... properties) {
        List<Class<?>> sources = new ArrayList<>(parts);
        sources.add(Application.class);
        List<String> all = new ArrayList<>(List.of(properties));
        all.add("models.url=" + MODELS.baseUrl() + "/v1");
        all.add("logging.level.root=warn");
        ConfigurableApplicationContext context = new SpringApplicationBuilder(sources.toArray(Class<?>[]::new))
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .properties(all.toArray(String[]::new))
                .run();
        contexts.add(context);
        return context;
    }

    /** With nothing configured; one for all tests that need no other. */
    private ConfigurableApplicationContext asItComes() {
        if (asItComes == null) {
            asItComes = run(List.of(Tracing.class));
            contexts.remove(asItComes);
        }
        return asItComes;
    }

    private static List<String> names() {
        return SPANS.getFinishedSpanItems().stream()
                .map(SpanData::getName)
                .sorted()
                .toList();
    }

    private static SpanData span(String name) {
        return SPANS.getFinishedSpanItems().stream()
                .filter(span -> span.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no span " + name + " in " + names()));
    }

    @Test
    void theBuildRunsWithTheSpringBootItSays() {
        assertThat(SpringBootVersion.getVersion()).startsWith(System.getProperty("scepsy.spring-boot", "3") + ".");
    }

    /** LangChain4j's starter makes a retriever of its own where there is an embedding model, and services use it. */
    @Test
    void aWorkflowItsServicesAndItsModelsAreOneExecution() {
        Research research = asItComes().getBean(Research.class);

        assertThat(research.research("why?")).isEqualTo("well");

        assertThat(names())
                .containsExactly(
                        "chat critic",
                        "chat critic",
                        "embeddings tiny",
                        "embeddings tiny",
                        "embeddings tiny",
                        "invoke_agent Assistant",
                        "invoke_agent Assistant",
                        "invoke_workflow research",
                        "rerank reranker",
                        "retrieval EmbeddingStoreContentRetriever",
                        "retrieval EmbeddingStoreContentRetriever");
        SpanData root = span("invoke_workflow research");
        assertThat(root.getAttributes().get(AttributeKey.doubleKey("scepsy.workflow.target_per_second")))
                .isEqualTo(0.5);
        Map<String, SpanData> byId =
                SPANS.getFinishedSpanItems().stream().collect(Collectors.toMap(SpanData::getSpanId, span -> span));
        assertThat(SPANS.getFinishedSpanItems())
                .allSatisfy(span -> assertThat(span.getTraceId()).isEqualTo(root.getTraceId()))
                .filteredOn(span -> span.getName().startsWith("chat"))
                .allSatisfy(span ->
                        assertThat(byId.get(span.getParentSpanId()).getName()).isEqualTo("invoke_agent Assistant"));
        assertThat(span("chat critic").getAttributes().get(AttributeKey.longKey("gen_ai.usage.input_tokens")))
                .isEqualTo(21);
    }

    @Test
    void aServiceWhoseInterfaceNamesAWorkflowRunsAsOne() {
        asItComes().getBean(Planner.class).plan("what?");

        assertThat(names())
                .containsExactly(
                        "chat critic",
                        "embeddings tiny",
                        "invoke_agent Planner",
                        "invoke_workflow planning",
                        "retrieval EmbeddingStoreContentRetriever");
    }

    @Test
    void withoutAWorkflowAroundItAServiceIsTheExecution() {
        asItComes().getBean(Research.class).unnamed("what?");

        assertThat(names()).contains("chat critic", "invoke_agent Assistant").doesNotContain("invoke_workflow unnamed");
    }

    @Test
    void aWorkflowLastsUntilTheStageThatItReturns() {
        CompletableFuture<String> answer = new CompletableFuture<>();

        asItComes().getBean(Research.class).later(answer);
        assertThat(names()).isEmpty();
        answer.complete("well");

        assertThat(names()).containsExactly("invoke_workflow later");
    }

    @Test
    void checkedExceptionsArriveAsTheyWere() {
        Research research = asItComes().getBean(Research.class);

        assertThatThrownBy(research::failing)
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("no answer");
        assertThat(span("invoke_workflow failing").getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    }

    @Test
    void beansKeepTheirClasses() {
        ConfigurableApplicationContext context = asItComes();

        assertThat(context.getBean(Application.TinyEmbedder.class)
                        .embed("four")
                        .content()
                        .vector())
                .containsExactly(4);
        assertThat(names()).containsExactly("embeddings tiny");
    }

    @Test
    void withTheAgentInTheJvmAllStaysSilent() {
        System.setProperty("scepsy.agent.active", "true");

        asItComes().getBean(Research.class).research("why?");

        assertThat(names()).isEmpty();
    }

    @Test
    void switchedOffItIsNotThere() {
        closeAsItComes(); // the services of a context that has no listeners of its own are heard by another that is
        // open
        ConfigurableApplicationContext context = run(List.of(Tracing.class), "scepsy.tracing.enabled=false");

        context.getBean(Research.class).research("why?");
        context.getBean(Assistant.class).answer("why?");

        assertThat(names()).isEmpty();
        assertThat(context.getBeanNamesForType(dev.scepsy.langchain4j.ScepsyLangChain4j.class))
                .isEmpty();
    }

    @Test
    void workflowsCanBeLeftToTheApplication() {
        run(List.of(Tracing.class), "scepsy.tracing.workflows=false")
                .getBean(Planner.class)
                .plan("what?");

        assertThat(names()).contains("chat critic", "invoke_agent Planner").doesNotContain("invoke_workflow planning");
    }

    @Test
    void metersCountWorkflowsAndCallsAndNoSpanIsMadeTwice() {
        ConfigurableApplicationContext context = run(List.of(Tracing.class, Observing.class));

        context.getBean(Research.class).research("why?");

        MeterRegistry meters = context.getBean(MeterRegistry.class);
        assertThat(meters.get("scepsy.workflow")
                        .tag("gen_ai.workflow.name", "research")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(meters.get("gen_ai.client.operation")
                        .tag("gen_ai.request.model", "critic")
                        .timer()
                        .count())
                .isEqualTo(2);
        assertThat(names()).hasSize(11);
    }

    @Test
    void observationsCanBeSwitchedOff() {
        ConfigurableApplicationContext context =
                run(List.of(Tracing.class, ObservingWithoutHandlers.class), "scepsy.tracing.observations=false");

        context.getBean(Research.class).research("why?");

        assertThat(context.getBean(MeterRegistry.class).find("scepsy.workflow").timer())
                .isNull();
        assertThat(names()).hasSize(11);
    }

    /** Meters alone. */
    @Configuration(proxyBeanMethods = false)
    static class ObservingWithoutHandlers {
        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }

        @Bean
        ObservationRegistry observations(MeterRegistry meters) {
            ObservationRegistry registry = ObservationRegistry.create();
            registry.observationConfig().observationHandler(new DefaultMeterObservationHandler(meters));
            return registry;
        }
    }

    @Test
    void ofTwoContextsServicesSpeakToTheirOwn() {
        ConfigurableApplicationContext first = asItComes();
        ConfigurableApplicationContext second = run(List.of(Tracing.class), "scepsy.tracing.workflows=false");

        first.getBean(Planner.class).plan("what?");
        assertThat(names()).contains("invoke_workflow planning");
        SPANS.reset();
        second.getBean(Planner.class).plan("what?");
        assertThat(names()).contains("chat critic", "invoke_agent Planner").doesNotContain("invoke_workflow planning");
    }
}

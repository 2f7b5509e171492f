package dev.scepsy.samples.assistant;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.samples.assistant.ScriptedModels.Answer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Collections;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ResearchAssistantTest {

    private static final String ACCEPTED = "{\"accepted\": true, \"openQuestions\": []}";
    private static final String OPEN = "{\"accepted\": false, \"openQuestions\": [\"What did it cost?\"]}";

    private final AtomicInteger reviews = new AtomicInteger();

    @Test
    void investigatesEveryNarrowQuestionAndReports() throws IOException {
        try (ScriptedModels models = new ScriptedModels(request -> answer(request, () -> ACCEPTED))) {
            assertThat(new ResearchAssistant(Models.at(models.url())).research("How long do heat pumps last?"))
                    .isEqualTo("The report.");
            assertThat(counts(models, "planner", "executor", "critic", "summariser", "reranker"))
                    .containsExactly(1, 3, 1, 1, 3);
            assertThat(counts(models, "embedder"))
                    .as("three queries, and the library once")
                    .containsExactly(4);
        }
    }

    @Test
    void investigatesAgainWhatTheCriticLeavesOpen() throws IOException {
        try (ScriptedModels models = new ScriptedModels(
                request -> answer(request, () -> reviews.incrementAndGet() == 1 ? OPEN : ACCEPTED))) {
            new ResearchAssistant(Models.at(models.url())).research("How long do heat pumps last?");
            assertThat(counts(models, "executor", "critic")).containsExactly(4, 2);
            JsonNode summary = models.requests.get(models.requests.size() - 1);
            assertThat(summary.toString().split("A finding", -1))
                    .as("all four findings reach the summariser")
                    .hasSize(5);
        }
    }

    @Test
    void stopsAskingAfterThreeReviews() throws IOException {
        try (ScriptedModels models = new ScriptedModels(request -> answer(request, () -> OPEN))) {
            assertThat(new ResearchAssistant(Models.at(models.url())).research("What failed?"))
                    .isEqualTo("The report.");
            assertThat(counts(models, "critic", "executor")).containsExactly(3, 6);
        }
    }

    @Test
    void aVerdictThatIsNotTheJsonAskedForHoldsNothingUp() throws IOException {
        try (ScriptedModels models = new ScriptedModels(request -> answer(request, () -> "Looks fine to me."))) {
            assertThat(new ResearchAssistant(Models.at(models.url())).research("What failed?"))
                    .isEqualTo("The report.");
            assertThat(counts(models, "critic", "executor")).containsExactly(1, 3);
        }
    }

    @Test
    void theCriticIsAskedAsOftenAsTheServerIsTold() throws Exception {
        try (ScriptedModels models = new ScriptedModels(request -> answer(request, () -> ACCEPTED));
                ResearchServer server = ResearchServer.start(new ResearchAssistant(Models.at(models.url())), 0)) {
            assertThat(post(server, "/critics", "{\"count\": 3}").statusCode()).isEqualTo(200);
            assertThat(post(server, "{\"question\": \"What failed?\"}").body())
                    .isEqualTo("{\"report\":\"The report.\"}");
            assertThat(counts(models, "critic", "executor")).containsExactly(3, 3);
            assertThat(post(server, "/critics", "{\"count\": 0}").statusCode()).isEqualTo(400);
        }
    }

    @Test
    void executorMayCallTheTool() throws IOException {
        try (ScriptedModels models = new ScriptedModels(request -> {
            boolean answered = request.toString().contains("\"role\":\"tool\"");
            return request.path("model").asText().equals("executor") && !answered
                    ? Answer.callTool("weather radar")
                    : answer(request, () -> ACCEPTED);
        })) {
            new ResearchAssistant(Models.at(models.url())).research("What failed?");
            assertThat(counts(models, "executor")).containsExactly(6);
            assertThat(models.requests.toString()).contains("\"role\":\"tool\"");
        }
    }

    @Test
    void answersOverHttp() throws Exception {
        try (ScriptedModels models = new ScriptedModels(request -> answer(request, () -> ACCEPTED));
                ResearchServer server = ResearchServer.start(new ResearchAssistant(Models.at(models.url())), 0)) {
            assertThat(post(server, "{\"question\": \"What failed?\", \"seed\": 7}")
                            .body())
                    .isEqualTo("{\"report\":\"The report.\"}");
            assertThat(models.requests.toString()).contains("What failed? (run 7)");
            assertThat(post(server, "{}").statusCode()).isEqualTo(400);
        }
    }

    @Test
    void saysThatARunFailed() throws Exception {
        try (ScriptedModels models = new ScriptedModels(request -> {
                    throw new IllegalStateException("the model is gone");
                });
                ResearchServer server = ResearchServer.start(new ResearchAssistant(Models.at(models.url())), 0)) {
            assertThat(post(server, "{\"question\": \"What failed?\"}").statusCode())
                    .isEqualTo(500);
        }
    }

    private static Answer answer(JsonNode request, Supplier<String> verdict) {
        return Answer.text(
                switch (request.path("model").asText()) {
                    case "planner" -> "What was measured?\nWhat failed?\nWho looked after it?";
                    case "critic" -> verdict.get();
                    case "summariser" -> "The report.";
                    default -> "A finding";
                });
    }

    private static Integer[] counts(ScriptedModels models, String... names) {
        Integer[] counts = new Integer[names.length];
        for (int i = 0; i < names.length; i++) {
            counts[i] = Collections.frequency(models.calls, names[i]);
        }
        return counts;
    }

    private static HttpResponse<String> post(ResearchServer server, String body) throws Exception {
        return post(server, "/research", body);
    }

    private static HttpResponse<String> post(ResearchServer server, String path, String body) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(uri)
                                .POST(BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofString());
    }
}

package dev.scepsy.planner.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.file.Shortened;
import dev.scepsy.planner.serve.journal.Documents;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The planner service's API, as the verbs use it. Every answer is bounded in time and size. Thread-safe. */
final class ServiceClient {

    static final String PROPERTY = "scepsy.service-answer-seconds";

    private static final int LONGEST_CONNECT_SECONDS = 5;

    /** Planning now is a search. */
    private static final int LONGEST_ANSWER_SECONDS = 120;

    /** Largest answer that is read; a proposal of a large cluster is some MiB. */
    private static final int MOST_ANSWER_BYTES = 64 << 20;

    private static final int MOST_SAID = 600;
    private static final int ATTEMPTS = 2;

    private final URI service;
    private final Optional<String> token;
    private final int answerSeconds;
    private final HttpClient http;

    /** There is no answer to work with; the message is a sentence for people. */
    static final class FailedException extends Exception {

        private static final long serialVersionUID = 1;

        private final int exitCode;

        FailedException(int exitCode, String message) {
            super(message);
            this.exitCode = exitCode;
        }

        int exitCode() {
            return exitCode;
        }
    }

    private record Answer(int code, String text) {}

    ServiceClient(URI service, Optional<String> token) {
        this.service = service;
        this.token = token;
        this.answerSeconds = Integer.getInteger(PROPERTY, LONGEST_ANSWER_SECONDS);
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(LONGEST_CONNECT_SECONDS))
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /** What is at {@code path}, below {@code /api/v1}. */
    JsonNode get(String path) throws FailedException, InterruptedException {
        return sent("GET", path, Optional.empty());
    }

    /** Changes something, once, however often it has to be sent. */
    JsonNode change(String method, String path, ObjectNode body) throws FailedException, InterruptedException {
        return sent(method, path, Optional.of(body));
    }

    private JsonNode sent(String method, String path, Optional<ObjectNode> body)
            throws FailedException, InterruptedException {
        URI address = URI.create(service.toString().replaceAll("/+$", "") + "/api/v1" + path);
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .header("Accept", "application/json, application/problem+json")
                .header("User-Agent", "scepsy");
        token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        if (body.isPresent()) {
            request.header("Content-Type", "application/json")
                    .header("X-Scepsy-Request", "1")
                    .header("Idempotency-Key", UUID.randomUUID().toString())
                    .method(method, HttpRequest.BodyPublishers.ofString(Documents.text(body.get())));
        } else {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        }
        Answer answer = answer(request.build());
        if (answer.code() / 100 != 2) {
            throw refused(answer);
        }
        try {
            JsonNode value = answer.text().isBlank()
                    ? Documents.mapper().createObjectNode()
                    : Documents.mapper().readTree(answer.text());
            if (value.isObject()) {
                return value;
            }
        } catch (JsonProcessingException noJson) {
            // said below
        }
        throw new FailedException(ExitCode.BAD_INPUT, notOurs());
    }

    private String notOurs() {
        return "What answers at " + service
                + " is no planner service: its answer is no JSON object of it. Check --service.";
    }

    /** With a second try where the connection broke: the key of the request keeps it from being done twice. */
    private Answer answer(HttpRequest request) throws FailedException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return once(request);
            } catch (IOException failed) {
                boolean neverArrived =
                        failed instanceof ConnectException || failed instanceof HttpConnectTimeoutException;
                if (neverArrived || attempt == ATTEMPTS) {
                    throw new FailedException(
                            ExitCode.BAD_INPUT,
                            "The service at " + service + " cannot be reached (" + why(failed)
                                    + "). Is it running ('scepsy serve --config serve.yaml'), and is this its web address?");
                }
            }
        }
    }

    private Answer once(HttpRequest request) throws IOException, FailedException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> sending = http.sendAsync(request, info -> limited());
        try {
            HttpResponse<byte[]> response = sending.get(answerSeconds, TimeUnit.SECONDS);
            return new Answer(response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            for (Throwable deeper = cause; deeper != null; deeper = deeper.getCause()) {
                if (deeper instanceof TooLargeException) {
                    throw new FailedException(
                            ExitCode.BAD_INPUT,
                            "The answer of " + service + " is longer than " + (MOST_ANSWER_BYTES >> 20)
                                    + " MiB: it is no planner service. Check --service.");
                }
            }
            throw cause instanceof IOException io ? io : new IOException(cause);
        } catch (TimeoutException e) {
            sending.cancel(true);
            throw new FailedException(
                    ExitCode.BAD_INPUT,
                    "The service at " + service + " did not answer within " + answerSeconds
                            + " s. What was asked for may be done all the same: 'scepsy proposals' shows it.");
        }
    }

    private static final class TooLargeException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static HttpResponse.BodySubscriber<byte[]> limited() {
        ByteArrayOutputStream collected = new ByteArrayOutputStream();
        return HttpResponse.BodySubscribers.mapping(
                HttpResponse.BodySubscribers.ofByteArrayConsumer(part -> part.ifPresent(bytes -> {
                    if (collected.size() + bytes.length > MOST_ANSWER_BYTES) {
                        throw new TooLargeException();
                    }
                    collected.writeBytes(bytes);
                })),
                nothing -> collected.toByteArray());
    }

    private static String why(IOException failed) {
        String message = failed.getMessage();
        if (failed instanceof HttpConnectTimeoutException) {
            return "no connection within " + LONGEST_CONNECT_SECONDS + " s";
        }
        if (failed instanceof ConnectException && message == null) {
            return "the connection was refused, or the host is not known";
        }
        return message == null || message.contains("Exception")
                ? "the connection was closed"
                : Shortened.sentence(message);
    }

    /** In the service's words where it has some: {@code application/problem+json}. */
    private FailedException refused(Answer answer) {
        JsonNode problem = problem(answer.text());
        String detail = problem.path("detail").asText(problem.path("title").asText(""));
        String state = problem.path("state").asText("");
        String said = detail.isBlank() ? Shortened.sentence(answer.text().strip()) : detail.strip();
        if (said.length() > MOST_SAID) {
            said = said.substring(0, MOST_SAID) + "...";
        }
        if (!state.isBlank() && !said.contains(state)) {
            said += " It is " + state + " now.";
        }
        int code = answer.code();
        String sentence = "The service refused (" + code + ")"
                + (said.isBlank() ? "." : ": " + Shortened.printable(said).replace('\n', ' '));
        if (code == 401) {
            sentence += token.isPresent()
                    ? " The token given is not, or no longer, in its file of tokens."
                    : " Give a token: --token-file FILE or " + ServiceOptions.TOKEN_VARIABLE + ".";
        }
        int exitCode = switch (code) {
            case 409 -> ExitCode.REFUSED;
            case 400, 401, 403, 404 -> ExitCode.BAD_INPUT;
            default -> code / 100 == 5 || code / 100 == 4 ? ExitCode.INTERNAL_ERROR : ExitCode.BAD_INPUT;
        };
        return new FailedException(exitCode, sentence);
    }

    private static JsonNode problem(String text) {
        try {
            JsonNode problem = Documents.mapper().readTree(text);
            return problem == null ? Documents.mapper().createObjectNode() : problem;
        } catch (JsonProcessingException noJson) {
            return Documents.mapper().createObjectNode();
        }
    }
}

package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.scepsy.planner.serve.journal.Decision;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.Trigger;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The verbs against the contract's addresses. */
class ProposalsCommandTest {

    private static final Instant NOON = Instant.parse("2026-11-30T12:00:00Z");

    @TempDir
    Path folder;

    private final List<Asked> asked = new ArrayList<>();
    private HttpServer server;
    private int code = 200;
    private String answer = "{}";
    private int broken;

    private record Asked(String request, Map<String, List<String>> headers, String body) {
        String header(String name) {
            return headers.getOrDefault(name, List.of("")).get(0);
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void listsWhatThereIsNewestFirst() {
        answer = "{\"proposals\":[" + Documents.text(proposal("p2", ProposalState.OPEN)) + ","
                + Documents.text(proposal("p1", ProposalState.REJECTED)) + "]}";

        CommandLineRun run = run("proposals");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo("""
                  id  state     made                  why           gain  moves
                  p2  open      2026-11-30T12:00:00Z  drift critic  21 %      3
                  p1  rejected  2026-11-30T12:00:00Z  drift critic  21 %      3
                """);
        assertThat(asked.get(0).request()).isEqualTo("GET /api/v1/proposals");
        assertThat(asked.get(0).headers()).doesNotContainKeys("Authorization", "X-scepsy-request");
        assertThat(run("proposals", "list").out()).isEqualTo(run.out());
    }

    @Test
    void anEmptyListSaysWhy() {
        answer = "{\"proposals\":[]}";

        assertThat(run("proposals").out()).startsWith("No proposals: ");
    }

    @Test
    void showsWhyNowWhatItBringsWhatChangesAndWhatItCosts() {
        answer = Documents.text(proposal("p2", ProposalState.OPEN));

        assertThat(run("proposals", "show", "p2").out()).isEqualTo("""
                Proposal p2: open, made 2026-11-30T12:00:00Z

                Why now
                  drift: The calls of critic rose from 2 to 6 per execution of research.

                What it brings, predicted
                  mean latency 5.2 s -> 4.1 s (21 %), GPUs 6 -> 6.5
                  workflow  target 1/s       now s  then s  now max 1/s  then max 1/s
                  research         0.5  overloaded     4.1          0.4             -

                What changes
                  model      now                                      then
                  critic     none                                     1 x L4-24GB, fraction 0.5
                  generator  3 x H100-SXM-80GB, tensor parallelism 2  2 x H100-SXM-80GB, tensor parallelism 2

                What the move costs
                  3 engines started or stopped in about 120 s, 240 GPU-seconds without service, 5.5 requests delayed
                  worth 1200 request-seconds over the next 6 h, the move taken off

                Steps
                  1. start critic on node-1
                  2. stop generator on node-2

                Explanation
                  critic limits research.

                Decisions
                  2026-11-30T12:00:00Z approve by alice: agreed
                """);
        assertThat(asked.get(0).request()).isEqualTo("GET /api/v1/proposals/p2");
    }

    @Test
    void decidesWithReasonTokenAndAKeyOfItsOwn() throws IOException {
        Path token = Files.writeString(folder.resolve("alice.token"), "scepsy_secret\n");
        answer = Documents.text(proposal("p2", ProposalState.APPROVED));

        CommandLineRun run = run("proposals", "approve", "p2", "--reason", "agreed", "--token-file", token.toString());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo("Proposal p2 is approved. 'scepsy proposals show p2' follows it.\n");
        Asked first = asked.get(0);
        assertThat(first.request()).isEqualTo("POST /api/v1/proposals/p2/approve");
        assertThat(first.header("Authorization")).isEqualTo("Bearer scepsy_secret");
        assertThat(first.header("Content-type")).isEqualTo("application/json");
        assertThat(first.header("X-scepsy-request")).isEqualTo("1");
        assertThat(first.body()).isEqualTo("{\"reason\":\"agreed\"}");
        var again = run("proposals", "approve", "p2");
        assertThat(asked.get(1).header("Idempotency-key")).isNotEmpty().isNotEqualTo(first.header("Idempotency-key"));
        assertThat(again.err() + run.err() + run.out()).doesNotContain("secret");
    }

    /** The key makes it one decision. */
    @Test
    void aBrokenConnectionIsTriedAgainUnderTheSameKey() {
        broken = 1;
        answer = Documents.text(proposal("p2", ProposalState.REJECTED));

        CommandLineRun run = run("proposals", "reject", "p2");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(asked).hasSize(2);
        assertThat(asked.get(0).header("Idempotency-key"))
                .isEqualTo(asked.get(1).header("Idempotency-key"));
    }

    @Test
    void plansNowFreezesPinsAndGoesBack() {
        answer = Documents.text(proposal("p3", ProposalState.OPEN));
        assertThat(run("proposals", "plan", "--target", "research=0.8", "--target", "b@c=1", "--reason", "launch")
                        .out())
                .startsWith("Proposal p3: open");
        answer = Documents.text(new PlanEntry(
                "e9",
                null,
                null,
                "rollback",
                ProposalState.APPLYING,
                NOON,
                null,
                null,
                "local",
                null,
                Documents.parse("{}"),
                null,
                List.of(),
                "e7",
                null));
        assertThat(run("proposals", "rollback").out()).isEqualTo("Going back: plan e9 is applying.\n");
        answer = Documents.text(new Freeze("local", "release", NOON, NOON.plusSeconds(60)));
        assertThat(run("proposals", "freeze", "--until", "2026-11-30T13:01:00+01:00", "--reason", "release")
                        .out())
                .isEqualTo("Frozen by local until 2026-11-30T12:01:00Z.\n");
        answer = Documents.text(new Pin("org/m 1", "L4-24GB", null, null, 2, "local", null, NOON, null));
        assertThat(run("proposals", "pin", "org/m 1", "--gpu", "L4-24GB", "--replicas", "2")
                        .out())
                .isEqualTo("org/m 1 is pinned by local: GPU L4-24GB, replicas 2.\n");
        answer = "";
        code = 204;
        assertThat(run("proposals", "unpin", "org/m 1").exitCode()).isZero();
        assertThat(run("proposals", "unfreeze").exitCode()).isZero();

        assertThat(asked)
                .extracting(each -> each.request() + " " + each.body())
                .containsExactly(
                        "POST /api/v1/proposals {\"reason\":\"launch\",\"targets\":{\"research\":0.8,\"b@c\":1.0}}",
                        "POST /api/v1/rollback {}",
                        "PUT /api/v1/freeze {\"reason\":\"release\",\"until\":\"2026-11-30T12:01:00Z\"}",
                        "PUT /api/v1/pins/org%2Fm%201 {\"gpu\":\"L4-24GB\",\"replicas\":2}",
                        "DELETE /api/v1/pins/org%2Fm%201 {}",
                        "DELETE /api/v1/freeze {}");
    }

    @Test
    void forProgramsTheAnswerStaysAsItIs() {
        answer = "{\"proposals\":[],\"new\":1}";

        assertThat(run("proposals", "--json").out()).isEqualTo(answer + "\n");
    }

    @ParameterizedTest
    @CsvSource({"409, 4", "400, 2", "401, 2", "403, 2", "404, 2", "500, 1", "503, 1", "429, 1", "302, 2"})
    void aRefusalIsOneSentenceInTheServicesWords(int status, int exitCode) {
        code = status;
        answer = "{\"type\":\"about:blank\",\"title\":\"No\",\"status\":" + status
                + ",\"detail\":\"The proposal p2 cannot be approved.\",\"state\":\"superseded\"}";

        CommandLineRun run = run("proposals", "approve", "p2");

        assertThat(run.exitCode()).isEqualTo(exitCode);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .startsWith("The service refused (" + status
                        + "): The proposal p2 cannot be approved. It is superseded now.")
                .hasLineCount(1);
        assertThat(run.err().contains("SCEPSY_TOKEN")).isEqualTo(status == 401);
    }

    @Test
    void aServiceThatIsNotThereIsOneSentence() {
        String url = url();
        server.stop(0);

        CommandLineRun run = CommandLineRun.of("proposals", "show", "p", "--service", url);

        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err())
                .startsWith("The service at " + url + " cannot be reached (")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource({"<html>", "[]", "null", "''", "{}", "{\"proposals\":3}", "{\"proposals\":[{\"id\":[]}]}"})
    void whatIsNoPlannerServiceIsSaidSo(String text) {
        answer = text;

        CommandLineRun run = run("proposals");

        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains("no planner service").hasLineCount(1);
    }

    @Test
    void whatIsNoTokenIsRefusedUnsent() throws IOException {
        Path wrong = Files.writeString(folder.resolve("wrong"), "two words\n");

        for (Path file : List.of(wrong, folder.resolve("missing"))) {
            CommandLineRun run = run("proposals", "--token-file", file.toString());
            assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
            assertThat(run.err()).contains(file.toString()).doesNotContain("two words");
        }
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "--service ftp://x, must be like",
        "--service http://me:pw@x, without user and password",
        "--for 4h --until 2026-12-01T18:00:00Z, either --for or --until",
        "--for four, must be like 90s",
        "--until tomorrow, must be like 2026"
    })
    void wrongOptionsAreRefusedUnsent(String options, String why) {
        List<String> words = new ArrayList<>(List.of("proposals", "freeze"));
        words.addAll(List.of(options.split(" ")));

        CommandLineRun run = CommandLineRun.of(words.toArray());

        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains(why).doesNotContain("pw");
        assertThat(asked).isEmpty();
    }

    /** Else it would go to the default service. */
    @Test
    void theServiceIsNamedAfterTheVerb() {
        CommandLineRun run = CommandLineRun.of("proposals", "--service", url(), "approve", "p2");

        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains("--service stands before approve");
        assertThat(asked).isEmpty();
    }

    @Test
    void whatTheServiceSaysDoesNotMoveTheTerminalsCursor() {
        code = 409;
        answer = "{\"detail\":\"a\\u001b[2Jb\\nc\"}";

        assertThat(run("proposals").err()).isEqualTo("The service refused (409): a\\u001b[2Jb c\n");
    }

    private CommandLineRun run(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--service", url()));
        return CommandLineRun.of(all.toArray());
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        asked.add(new Asked(
                exchange.getRequestMethod() + " " + exchange.getRequestURI().getRawPath(),
                Map.copyOf(exchange.getRequestHeaders()),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
        if (broken > 0) {
            broken--;
            exchange.close();
            return;
        }
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** One of every part. */
    static Proposal proposal(String id, ProposalState state) {
        JsonNode generator = allocation("H100-SXM-80GB", 2, 1, 3);
        return new Proposal(
                id,
                state,
                NOON,
                NOON,
                List.of(new Trigger(
                        "drift",
                        "research",
                        "critic",
                        NOON,
                        "The calls of critic rose from 2 to 6 per execution of research.",
                        Map.of("callsPerExecutionBefore", 2.0))),
                Documents.parse("{}"),
                Documents.parse("{}"),
                Map.of("research", 0.5),
                new Proposal.Gain(
                        5.2,
                        4.1,
                        0.2115,
                        6,
                        6.5,
                        List.of(new Proposal.WorkflowGain("research", 0.5, null, 4.1, 0.4, null))),
                new Proposal.MoveCost(3, 120, 240, 5.5, 1200, 21_600),
                List.of("critic limits research."),
                List.of(
                        new Proposal.Difference("critic", null, allocation("L4-24GB", 1, 0.5, 1)),
                        new Proposal.Difference("generator", generator, allocation("H100-SXM-80GB", 2, 1, 2))),
                List.of("start critic on node-1", "stop generator on node-2"),
                "plan-1",
                "cluster-1",
                "evidence-1",
                List.of(new Decision("approve", "alice", "agreed", NOON)),
                null,
                null,
                Map.of());
    }

    private static JsonNode allocation(String gpu, int degree, double fraction, int replicas) {
        return Documents.mapper()
                .createObjectNode()
                .put("model", "m")
                .put("gpu", gpu)
                .put("gpuFraction", fraction)
                .put("tensorParallel", degree)
                .put("replicas", replicas)
                .put("memoryGiBPerGpu", 10.0);
    }
}

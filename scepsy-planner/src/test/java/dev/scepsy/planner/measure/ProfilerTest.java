package dev.scepsy.planner.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The profiler against servers that behave, refuse, lie, break and go away. */
class ProfilerTest {

    private static final RequestLengths LENGTHS = new RequestLengths(60, 6);

    private final List<String> notes = new ArrayList<>();
    private List<RatePoint> points = List.of();
    private long nonce = 7;

    private Profiler profiler(ScriptedServer server, ProfilerSettings settings) {
        return profiler(server, settings, Optional.empty(), Duration.ofSeconds(20));
    }

    private Profiler profiler(
            ScriptedServer server, ProfilerSettings settings, Optional<String> key, Duration timeout) {
        return new Profiler(
                Endpoint.of(server.address(), Api.CHAT, "served", key, timeout),
                new LengthSource.Fixed(LENGTHS),
                settings,
                nonce,
                new Profiler.Listener() {
                    @Override
                    public void doing(String what) {}

                    @Override
                    public void note(String sentence) {
                        notes.add(sentence);
                    }

                    @Override
                    public void measured(List<RatePoint> all) {
                        points = all;
                    }
                });
    }

    private static final class Silent implements Profiler.Listener {
        @Override
        public void doing(String what) {}

        @Override
        public void note(String sentence) {}

        @Override
        public void measured(List<RatePoint> all) {}
    }

    private static ProfilerSettings quick(double mostPerSecond) {
        return new ProfilerSettings(20, 0.2, 0.25, mostPerSecond, 64, 8, Duration.ofSeconds(20), 0, 1);
    }

    @Test
    void anHonestServerIsMeasuredWithoutNotes() throws Exception {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.Exchange::honest);
                Profiler profiler = profiler(server, quick(50))) {
            Curve curve = profiler.measure(List.of());

            assertThat(notes).filteredOn(note -> !note.contains("short of CPU")).isEmpty();
            assertThat(curve.saturationIsLowerBound()).isTrue();
            assertThat(curve.saturationRequestsPerSecond()).hasValue(50);
            assertThat(curve.outputTokens()).isEqualTo(6);
            assertThat(curve.inputTokens()).isBetween(55.0, 65.0);
            assertThat(points.get(0).offeredPerSecond()).isZero();
            assertThat(points).allMatch(RatePoint::sustained);
            assertThat(server.bodies())
                    .allMatch(body -> body.path("ignore_eos").asBoolean()
                            && body.path("stream_options").path("include_usage").asBoolean());
            assertThat(server.bodies().stream()
                            .map(body -> body.path("messages").toString())
                            .distinct()
                            .count())
                    .as("unique prompts")
                    .isEqualTo(server.bodies().size());
        }
    }

    @Test
    void aSecondRunWithTheSameSeedHasNoPromptInCommon() throws Exception {
        List<String> first = prompts(7);
        List<String> second = prompts(8);

        assertThat(first).isNotEmpty().doesNotContainAnyElementsOf(second);
        assertThat(prompts(7).subList(0, 4)).isEqualTo(first.subList(0, 4));
    }

    private List<String> prompts(long ofNonce) throws Exception {
        nonce = ofNonce;
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.Exchange::honest);
                Profiler profiler = profiler(server, quick(20))) {
            profiler.probe();
            return server.bodies().stream()
                    .map(body -> body.path("messages").toString())
                    .toList();
        }
    }

    @Test
    void promptsThatTheEngineKnewAreNoticed() throws Exception {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.Exchange::honest);
                Profiler profiler = profiler(server, quick(20))) {
            server.counts(() -> "vllm:prefix_cache_queries_total{engine=\"0\"} "
                    + 100 * server.bodies().size() + "\nvllm:prefix_cache_hits_total{engine=\"0\"} "
                    + 72 * server.bodies().size() + "\n");

            profiler.measure(List.of());

            assertThat(notes)
                    .anyMatch(note -> note.startsWith("72 % of the prompt tokens came from the engine's prefix"));
        }
    }

    @Test
    void aServerWithRoomForTwoIsOverloadedBeyondWhatTwoCanDo() throws Exception {
        Semaphore room = new Semaphore(2, true);
        try (ScriptedServer server = new ScriptedServer(exchange -> {
                    room.acquireUninterruptibly();
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(25));
                    room.release();
                    exchange.honest();
                });
                Profiler profiler = profiler(
                        server, new ProfilerSettings(40, 0.5, 0.5, 400, 64, 7, Duration.ofSeconds(20), 0, 1))) {
            Curve curve = profiler.measure(List.of());

            // Two at a time, a good 25 ms each: 80 a second at most, less what this machine needs itself. A window of
            // 40
            // requests counts as sustained with 1.5 times the root of 40 fewer ends than arrivals: 24 per cent above
            // that.
            assertThat(curve.saturationIsLowerBound()).as("%s", points).isFalse();
            assertThat(curve.saturationRequestsPerSecond().orElseThrow())
                    .as("%s", points)
                    .isBetween(10.0, 80 * (1 + 1.5 / Math.sqrt(40)));
            assertThat(points).filteredOn(point -> !point.sustained()).isNotEmpty();
        }
    }

    /** Prints how late requests go out and what the client adds; {@code -Dscepsy.full=true} sends 400 a second. */
    @Test
    void hundredsOfRequestsASecondAreSent() throws Exception {
        int perSecond = Boolean.getBoolean("scepsy.full") ? 400 : 100;
        long serverNanos = TimeUnit.MILLISECONDS.toNanos(25);
        try (ScriptedServer server = new ScriptedServer(exchange -> {
                    LockSupport.parkNanos(serverNanos);
                    exchange.honest();
                });
                EndpointClient client = new EndpointClient(
                        Endpoint.of(server.address(), Api.CHAT, "served", Optional.empty(), Duration.ofSeconds(20)))) {
            LoadGenerator generator = new LoadGenerator(
                    client, Dialect.full(), Prompts.UNMEASURED, new LengthSource.Fixed(LENGTHS), 4096, 7);
            double seconds = Boolean.getBoolean("scepsy.full") ? 5 : 0.5;

            // code that is not compiled yet would be measured too
            generator.run(new LoadGenerator.Plan(perSecond / 4.0, 0.1, seconds, perSecond), 1);
            LoadRun run = generator.run(new LoadGenerator.Plan(perSecond, 0.5, seconds, perSecond * 0.03), 2);

            RatePoint point = run.statistics(new UsageAudit(), true);
            System.out.printf(
                    "%d requests/s of %d ms: mean %.1f ms, p99 %.1f ms, sent at worst %.1f ms late, %s%n",
                    perSecond,
                    TimeUnit.NANOSECONDS.toMillis(serverNanos),
                    1e3 * point.meanLatencySeconds(),
                    1e3 * point.p99LatencySeconds(),
                    1e3 * point.worstLatenessSeconds(),
                    point.verdict());
            assertThat(point.failed()).isZero();
            assertThat(run.answers()).isNotEmpty();
        }
    }

    @Test
    void whatWasMeasuredBeforeIsNotMeasuredAgain() throws Exception {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.Exchange::honest);
                Profiler first = profiler(server, quick(50));
                Profiler second = profiler(server, quick(50))) {
            first.measure(List.of());
            List<RatePoint> known = points.subList(0, 2);

            Curve curve = second.measure(known);

            assertThat(points.subList(0, 2)).isEqualTo(known);
            assertThat(curve.points().get(0)).isEqualTo(known.get(0).measured());
        }
    }

    @Test
    void parametersTheServerRefusesAreDroppedAndSaid() throws Exception {
        try (ScriptedServer server = new ScriptedServer(exchange -> {
                    if (exchange.body().has("ignore_eos")) {
                        exchange.status(
                                400,
                                "{\"error\":{\"message\":\"Unrecognized request argument supplied: ignore_eos\"}}");
                    } else if (exchange.body().has("max_tokens")) {
                        exchange.status(
                                400,
                                "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens' is not supported with"
                                        + " this model. Use 'max_completion_tokens' instead.\"}}");
                    } else {
                        exchange.honest();
                    }
                });
                Profiler profiler = profiler(server, quick(200))) {
            profiler.probe();

            assertThat(notes)
                    .hasSize(2)
                    .anyMatch(note -> note.contains("ignore_eos"))
                    .anyMatch(note -> note.contains("max_completion_tokens is sent instead"));
        }
    }

    @Test
    void aNeighbourIsKeptBusyMeanwhileAndItsLossIsNoMeasurement() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicBoolean gone = new AtomicBoolean();
        try (ScriptedServer neighbour = new ScriptedServer(exchange -> {
                    if (gone.get()) {
                        exchange.status(503, "{\"error\": {\"message\": \"going down\"}}");
                        return;
                    }
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    exchange.honest();
                    inside.decrementAndGet();
                });
                ScriptedServer server = new ScriptedServer(ScriptedServer.Exchange::honest);
                Profiler profiler = profiler(server, quick(60));
                NeighbourLoad load = NeighbourLoad.start(
                        Endpoint.of(neighbour.address(), Api.CHAT, "served", Optional.empty(), Duration.ofSeconds(5)),
                        new LengthSource.Fixed(new RequestLengths(40, 5)),
                        4,
                        quick(60),
                        7,
                        new Silent())) {
            profiler.beside(load);
            assertThat(profiler.measure(List.of()).points()).isNotEmpty();
            assertThat(load.answered()).isPositive();
            assertThat(most.get()).isBetween(2, 4);

            gone.set(true);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (load.isBusy() && System.nanoTime() < deadline) {
                LockSupport.parkNanos(1_000_000);
            }
            points = List.of();
            assertThatThrownBy(() -> profiler.measure(List.of()))
                    .isInstanceOf(EndpointLostException.class)
                    .hasMessageContaining("The neighbour does not answer any more");
            assertThat(points).isEmpty();
        }
    }

    @Test
    void aServerThatAnswersWholeHasNoTimeToTheFirstToken() throws Exception {
        try (ScriptedServer server = new ScriptedServer(exchange -> exchange.status(
                        200,
                        "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"a b c\"},\"finish_reason\":\"length\"}],"
                                + "\"usage\":"
                                + ScriptedServer.Exchange.usage(exchange.promptTokens(), exchange.askedTokens())
                                + "}"));
                Profiler profiler = profiler(server, quick(200))) {
            Curve curve = profiler.measure(List.of());

            assertThat(curve.points().get(0).meanFirstTokenSeconds()).isEmpty();
            assertThat(curve.points().get(0).meanPerTokenSeconds()).isEmpty();
            assertThat(curve.outputTokens()).isEqualTo(6);
        }
    }

    @Test
    void missingCountsAreReplacedByWhatWasAskedAndSaid() throws Exception {
        try (ScriptedServer server = new ScriptedServer(exchange -> exchange.stream(exchange.askedTokens(), "", true));
                Profiler profiler = profiler(server, quick(200))) {
            Curve curve = profiler.measure(List.of());

            assertThat(curve.outputTokens()).isEqualTo(6);
            assertThat(curve.inputTokens()).isEqualTo(60);
            assertThat(notes)
                    .anyMatch(note -> note.contains("does not say how many tokens a prompt has"))
                    .anyMatch(note -> note.contains("without a count of generated tokens"));
        }
    }

    @Test
    void countsThatCannotBeAreReplacedAndSaid() throws Exception {
        // one token said, six pieces sent; a prompt of thousands of tokens that was none
        try (ScriptedServer server = new ScriptedServer(exchange ->
                        exchange.stream(exchange.askedTokens(), ScriptedServer.Exchange.usage(9999, 1), true));
                Profiler profiler = profiler(server, quick(200))) {
            Curve curve = profiler.measure(List.of());

            assertThat(curve.outputTokens()).isEqualTo(6);
            assertThat(curve.inputTokens()).isEqualTo(60);
            assertThat(notes)
                    .anyMatch(note -> note.contains("which cannot be: a word is taken for one token"))
                    .anyMatch(note -> note.contains("number of generated tokens that cannot be"))
                    .anyMatch(note -> note.contains("prompt tokens that their prompts cannot have"));
        }
    }

    @Test
    void moreTokensThanWereAskedForCannotBe() throws Exception {
        try (ScriptedServer server = new ScriptedServer(exchange ->
                        exchange.stream(2, ScriptedServer.Exchange.usage(exchange.promptTokens(), 5000), true));
                Profiler profiler = profiler(server, quick(200))) {
            assertThat(profiler.measure(List.of()).outputTokens()).isEqualTo(6);
            assertThat(notes).anyMatch(note -> note.contains("more than asked"));
        }
    }

    @Test
    void aClosedDoorIsNamedWithoutTheKeyOrWhatTheServerSaysAboutIt() throws Exception {
        try (ScriptedServer server = new ScriptedServer(exchange -> exchange.status(
                        401, "{\"error\":{\"message\":\"Incorrect API key provided: sk-verysecret\"}}"));
                Profiler without = profiler(server, quick(200));
                Profiler with = profiler(server, quick(200), Optional.of("sk-verysecret"), Duration.ofSeconds(5))) {
            assertThatThrownBy(without::probe)
                    .isInstanceOf(EndpointLostException.class)
                    .hasMessageContaining("door is closed (status 401)")
                    .hasMessageContaining("wants a key")
                    .hasMessageNotContaining("sk-verysecret");
            assertThatThrownBy(with::probe)
                    .hasMessageContaining("does not take the key")
                    .hasMessageNotContaining("sk-verysecret");
            assertThat(server.keys()).contains("null", "Bearer sk-verysecret");
            assertThat(Endpoint.of("http://h", Api.CHAT, "m", Optional.of("sk-verysecret"), Duration.ofSeconds(1))
                            .toString())
                    .doesNotContain("sk-verysecret");
        }
    }

    @Test
    void aModelThatIsNotServedIsToldFromThoseThatAre() throws Exception {
        try (ScriptedServer server = new ScriptedServer(
                        exchange -> exchange.status(404, "{\"error\":{\"message\":\"The model does not exist.\"}}"));
                Profiler profiler = new Profiler(
                        Endpoint.of(server.address(), Api.CHAT, "wanted", Optional.empty(), Duration.ofSeconds(5)),
                        new LengthSource.Fixed(LENGTHS),
                        quick(200),
                        nonce,
                        silent())) {
            assertThatThrownBy(profiler::probe)
                    .hasMessageContaining("The model does not exist")
                    .hasMessageContaining("It serves served, not wanted");
        }
    }

    @Test
    void brokenStreamsAndErrorsInsideThemAreFailures() throws Exception {
        try (ScriptedServer cut = new ScriptedServer(exchange -> exchange.stream(2, "", false));
                ScriptedServer wrong = new ScriptedServer(exchange -> exchange.status(200, "<html>hello</html>"));
                Profiler ofCut = profiler(cut, quick(200));
                Profiler ofWrong = profiler(wrong, quick(200))) {
            assertThatThrownBy(ofCut::probe).hasMessageContaining("The stream ended before the answer did");
            assertThatThrownBy(ofWrong::probe).hasMessageContaining("The answer is not JSON");
        }
    }

    @Test
    void aServerThatNeverAnswersIsGivenUpAfterTheTimeout() throws Exception {
        try (ScriptedServer server = new ScriptedServer(
                        exchange -> LockSupport.parkNanos(Duration.ofSeconds(20).toNanos()));
                Profiler profiler = profiler(server, quick(200), Optional.empty(), Duration.ofMillis(300))) {
            assertThatThrownBy(profiler::probe).hasMessageContaining("no complete answer within");
        }
    }

    @Test
    void aServerThatSaysItIsBusyIsOverloaded() throws Exception {
        try (ScriptedServer server = new ScriptedServer(exchange -> {
                    if (exchange.number() > 25 && exchange.number() % 3 == 0) {
                        exchange.status(429, "{\"error\":{\"message\":\"slow down\"}}");
                    } else {
                        exchange.honest();
                    }
                });
                Profiler profiler = profiler(
                        server, new ProfilerSettings(20, 0.2, 0.25, 50, 64, 3, Duration.ofSeconds(20), 0, 1))) {
            try {
                profiler.measure(List.of());
            } catch (EndpointLostException busyAlone) {
                assertThat(busyAlone).hasMessageContaining("429");
            }
            assertThat(points)
                    .anyMatch(point -> !point.sustained() && point.verdict().contains("slow down"));
        }
    }

    @Test
    void aServerThatGoesAwayMidwayLeavesWhatWasMeasured() throws IOException {
        ScriptedServer[] server = new ScriptedServer[1];
        server[0] = new ScriptedServer(exchange -> {
            if (exchange.number() > 40) {
                server[0].close();
            }
            exchange.honest();
        });
        try (ScriptedServer closing = server[0];
                Profiler profiler = profiler(
                        closing, new ProfilerSettings(200, 1, 0.25, 400, 64, 8, Duration.ofSeconds(30), 0, 1))) {
            assertThatThrownBy(() -> profiler.measure(List.of())).isInstanceOf(EndpointLostException.class);
            assertThat(points).isNotEmpty();
        }
    }

    @Test
    void nobodyAtHomeIsSaid() throws Exception {
        ScriptedServer gone = new ScriptedServer(ScriptedServer.Exchange::honest);
        gone.close();
        try (Profiler profiler = profiler(gone, quick(200))) {
            assertThatThrownBy(profiler::probe).hasMessageContaining("cannot be reached");
        }
    }

    private static Profiler.Listener silent() {
        return new Profiler.Listener() {
            @Override
            public void doing(String what) {}

            @Override
            public void note(String sentence) {}

            @Override
            public void measured(List<RatePoint> all) {}
        };
    }
}

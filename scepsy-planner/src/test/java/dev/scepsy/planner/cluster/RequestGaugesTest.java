package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not known to be idle is not idle: seven running requests under a name that nobody knew were once cut. */
class RequestGaugesTest {

    private static final String ONE_IDLE_CALL = "vllm:num_requests_running{model_name=\"m\"} 0.0\n";

    @ParameterizedTest
    @ValueSource(
            strings = {
                // vLLM 0.4 to 0.8 (with swapped), 0.9 to 0.32
                "vllm:num_requests_running{model_name=\"m\"} 4.0\nvllm:num_requests_swapped{model_name=\"m\"} 1.0\n"
                        + "vllm:num_requests_waiting{model_name=\"m\"} 2.0\n",
                "vllm:num_requests_running{engine=\"0\",model_name=\"m\"} 5.0\n"
                        + "vllm:num_requests_waiting{engine=\"0\",model_name=\"m\"} 2.0\n"
                        + "vllm:num_requests_waiting_by_reason{engine=\"0\",model_name=\"m\",reason=\"capacity\"} 2.0\n",
                "sglang:num_running_reqs{model_name=\"m\"} 6.0\nsglang:num_queue_reqs{model_name=\"m\"} 1.0\n",
                "# TYPE trtllm_num_requests_running gauge\ntrtllm_num_requests_running 7.0\n"
            })
    void theGaugesOfSeveralEnginesAreSummed(String metrics) {
        assertThat(RequestGauges.busy(metrics)).hasValue(7);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "engine:requests_now_running 7\n",
                "vllm:num_requests_running_total 7\n",
                "vllm:num_requests_running{model_name=\"m\"} NaN\n",
                "vllm:num_requests_running{model_name=\"m\"} many\n",
                "python_gc_objects_collected_total 12\n"
            })
    void aMetricThatIsNotThereIsUnknownAndNeverIdle(String metrics) {
        assertThat(RequestGauges.busy(metrics)).isEmpty();
    }

    @Test
    void thePreStopScriptWaitsWhereNoKnownCountIsPublished() throws Exception {
        AtomicReference<String> metrics = new AtomicReference<>("engine:requests_now_running 7\n");
        AtomicInteger asked = new AtomicInteger();
        HttpServer engine = serve(metrics, asked);
        Process script = script(engine.getAddress().getPort());
        try {
            await(() -> asked.get() >= 10);
            assertThat(script.isAlive())
                    .as("with 7 running requests under another name")
                    .isTrue();

            metrics.set(ONE_IDLE_CALL);
            assertThat(script.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(script.exitValue()).isZero();
        } finally {
            script.destroyForcibly();
            engine.stop(0);
        }
    }

    @Test
    void thePreStopScriptEndsAtOnceWhereNobodyListens() throws Exception {
        HttpServer engine = serve(new AtomicReference<>(""), new AtomicInteger());
        int port = engine.getAddress().getPort();
        engine.stop(0);

        assertThat(script(port).waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    private static HttpServer serve(AtomicReference<String> metrics, AtomicInteger asked) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] text = metrics.get().getBytes(StandardCharsets.UTF_8);
            boolean there = exchange.getRequestURI().getPath().equals("/metrics");
            exchange.sendResponseHeaders(there ? 200 : 404, there ? Math.max(1, text.length) : -1);
            if (there) {
                exchange.getResponseBody().write(text.length == 0 ? new byte[] {'\n'} : text);
            }
            exchange.close();
            asked.incrementAndGet();
        });
        server.start();
        return server;
    }

    /** The script with its pauses cut to a fiftieth. */
    private static Process script(int port) throws IOException {
        assumeTrue(hasPython(), "NOT RUN: needs python3");
        String quick = DrainScript.of(port)
                .replace("time.sleep(3)", "time.sleep(0.06)")
                .replace("time.sleep(1)", "time.sleep(0.02)");
        return new ProcessBuilder("python3", "-c", quick)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static boolean hasPython() {
        try {
            return new ProcessBuilder("python3", "--version")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException none) {
            return false;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void await(java.util.function.BooleanSupplier holds) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as("within 60 s").isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }
}

package dev.scepsy.planner.serve.observe;

import com.sun.management.OperatingSystemMXBean;
import dev.scepsy.planner.receive.Notices;
import dev.scepsy.planner.receive.OtlpServer;
import dev.scepsy.planner.receive.ReceiverLimits;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/**
 * Measures receiving and folding: {@code ObserverLoad SPANS_PER_SECOND SECONDS [HEAP_MB]} starts a receiver in a JVM of its own and sends
 * requests of 512 spans at that rate (0: as fast as they are answered) over OTLP/HTTP. Prints what was accepted, deferred and counted, and
 * the processor time of both sides. {@code ObserverLoad to PORT PID SPANS_PER_SECOND SECONDS} sends to a receiver that runs already, such as {@code scepsy serve};
 * {@code grpc} instead of {@code to} sends over OTLP/gRPC. What was deferred is sent again, as exporters do.
 */
public final class ObserverLoad {

    private static final int CONNECTIONS = 4;

    private ObserverLoad() {}

    /** Runs it, or the receiver where the only argument is {@code receive}. */
    public static void main(String[] args) throws Exception {
        if (args.length == 1 && args[0].equals("receive")) {
            receive();
            return;
        }
        if (args.length == 5 && (args[0].equals("to") || args[0].equals("grpc"))) {
            to(
                    args[0].equals("grpc") ? LoadClient::grpc : LoadClient::http,
                    Integer.parseInt(args[1]),
                    ProcessHandle.of(Long.parseLong(args[2])).orElseThrow(),
                    Long.parseLong(args[3]),
                    Duration.ofSeconds(Long.parseLong(args[4])));
            return;
        }
        String heap = args.length > 2 ? args[2] : "512";
        Process receiver = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + heap + "m",
                        "-XX:+UseParallelGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ObserverLoad.class.getName(),
                        "receive")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(receiver.getInputStream(), StandardCharsets.UTF_8))) {
            int port = Integer.parseInt(out.readLine());
            Duration before = receiver.info().totalCpuDuration().orElse(Duration.ZERO);
            Sender sender = new Sender(
                    LoadClient::http, port, Long.parseLong(args[0]), Duration.ofSeconds(Long.parseLong(args[1])));
            double wall = sender.send();
            double receiverSeconds = seconds(
                    receiver.info().totalCpuDuration().orElse(Duration.ZERO).minus(before));
            System.out.printf(
                    Locale.ROOT,
                    "sent and accepted: %d spans in %.1f s = %.0f/s; deferred: %d requests%n",
                    sender.accepted.get() * LoadRequest.SPANS,
                    wall,
                    sender.accepted.get() * LoadRequest.SPANS / wall,
                    sender.deferred.get());
            System.out.printf(
                    Locale.ROOT,
                    "receiver's processor time: %.1f s (%.2f cores); sender's: %.1f s (%.2f cores)%n",
                    receiverSeconds,
                    receiverSeconds / wall,
                    sender.processorSeconds,
                    sender.processorSeconds / wall);
            receiver.getOutputStream().write('\n');
            receiver.getOutputStream().flush();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                System.out.println(line);
            }
            System.out.println("expected: " + sender.accepted.get() * LoadRequest.TRACES + " executions");
        } finally {
            receiver.destroy();
        }
    }

    /** At whatever listens there: a whole service, or another receiver beside it. */
    private static void to(
            IntFunction<LoadClient> clients, int port, ProcessHandle receiver, long perSecond, Duration duration)
            throws Exception {
        Duration before = receiver.info().totalCpuDuration().orElse(Duration.ZERO);
        Sender sender = new Sender(clients, port, perSecond, duration);
        double wall = sender.send();
        double own =
                seconds(receiver.info().totalCpuDuration().orElse(Duration.ZERO).minus(before));
        long spans = sender.accepted.get() * LoadRequest.SPANS;
        System.out.printf(
                Locale.ROOT,
                "accepted %d spans (%d executions) in %.1f s = %.0f/s; deferred %d requests; receiver %.1f s of processor (%.2f cores, %.1f us a span), sender %.1f s%n",
                spans,
                sender.accepted.get() * LoadRequest.TRACES,
                wall,
                spans / wall,
                sender.deferred.get(),
                own,
                own / wall,
                1e6 * own / spans,
                sender.processorSeconds);
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private static void receive() throws Exception {
        Observer observer = Observer.start(
                Bench.SETTINGS,
                200,
                new MemoryStore(),
                () -> true,
                ServiceTime.WALL,
                new ServiceLog(System.err, false, ServiceTime.WALL),
                execution -> {});
        Notices notices = new Notices(System.err::println);
        OtlpServer server = OtlpServer.start(
                List.of(new InetSocketAddress("127.0.0.1", 0)), observer, ReceiverLimits.defaults(), notices);
        System.out.println(server.addresses().get(0).getPort());
        System.out.flush();
        int end = System.in.read();
        observer.flush();
        System.out.println("counted: " + observer.counts().executions() + " of "
                + observer.counts().spansReceived() + " spans, "
                + observer.counts().failures() + " failures, end "
                + end);
        server.close();
        observer.close();
    }

    private static final class Sender {
        private final IntFunction<LoadClient> clients;
        private final int port;
        private final long perSecond;
        private final Duration duration;
        private final LoadRequest request = new LoadRequest(Instant.now().minusSeconds(60));
        private final AtomicLong number = new AtomicLong();

        /** Each sender has executions of its own. */
        private final long first = Instant.now().getEpochSecond() << 20;

        final AtomicLong accepted = new AtomicLong();
        final AtomicLong deferred = new AtomicLong();
        double processorSeconds;

        Sender(IntFunction<LoadClient> clients, int port, long perSecond, Duration duration) {
            this.clients = clients;
            this.port = port;
            this.perSecond = perSecond;
            this.duration = duration;
        }

        double send() throws InterruptedException {
            OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            long cpu = system.getProcessCpuTime();
            long begin = System.nanoTime();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                Thread thread = new Thread(() -> run(begin), "sender-" + i);
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            processorSeconds = (system.getProcessCpuTime() - cpu) / 1e9;
            return (System.nanoTime() - begin) / 1e9;
        }

        private void run(long begin) {
            LoadClient client = clients.apply(port);
            while (System.nanoTime() - begin < duration.toNanos()) {
                long own = number.getAndIncrement();
                if (perSecond > 0) {
                    long due = begin + own * LoadRequest.SPANS * 1_000_000_000L / perSecond;
                    while (System.nanoTime() < due) {
                        LockSupport.parkNanos(due - System.nanoTime());
                    }
                }
                deliver(client, request.numbered(first + own));
            }
        }

        private void deliver(LoadClient client, byte[] body) {
            LoadClient.Answer answer = client.post(body);
            while (answer == LoadClient.Answer.DEFERRED) {
                deferred.incrementAndGet();
                LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
                answer = client.post(body);
            }
            accepted.incrementAndGet();
        }
    }
}

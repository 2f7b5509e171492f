package dev.scepsy.samples.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Clients that hold N keep-alive connections to one service and send Poisson arrivals over them: a request takes an idle connection,
 * each equally likely, or waits for the first that becomes idle. Answers are of exponential length. One use.
 */
final class PooledClients implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 60_000;

    /** What goes over one connection next; {@code tokens} of 0 end it. */
    private record Request(long madeNanos, int tokens, boolean counted) {}

    private final String model;
    private final String prompt;
    private final List<Link> links = new ArrayList<>();
    private final List<Link> idle = new ArrayList<>();
    private final Queue<Request> waiting = new java.util.ArrayDeque<>();
    private final Queue<Long> nanos = new ConcurrentLinkedQueue<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Random random;

    /** @param promptTokens as the emulated engines count them, above 7 */
    PooledClients(int port, String model, int promptTokens, int connections, long seed) throws IOException {
        this.model = model;
        this.prompt = "word".repeat(promptTokens - 7);
        this.random = new Random(seed);
        for (int i = 0; i < connections; i++) {
            links.add(new Link(new Socket("127.0.0.1", port)));
        }
        idle.addAll(links);
        links.forEach(Thread::start);
    }

    /**
     * Sends {@code warmUp} and then {@code counted} requests and waits for all answers.
     *
     * @param requestsPerSecond per real second
     * @return mean real seconds of those that count, waiting for a connection included
     */
    double meanSeconds(double requestsPerSecond, double meanOutputTokens, int warmUp, int counted) {
        long at = System.nanoTime();
        for (int i = 0; i < warmUp + counted; i++) {
            at += Math.round(-Math.log(1 - random.nextDouble()) / requestsPerSecond * 1e9);
            while (System.nanoTime() < at) {
                LockSupport.parkNanos(at - System.nanoTime());
            }
            int tokens = (int) Math.max(1, Math.round(-Math.log(1 - random.nextDouble()) * meanOutputTokens));
            dispatch(new Request(at, tokens, i >= warmUp));
        }
        Engines.await("all answers", () -> nanos.size() == counted && allIdle() || !failures.isEmpty());
        if (!failures.isEmpty()) {
            throw new AssertionError(failures.toString());
        }
        return nanos.stream().mapToLong(each -> each).average().orElseThrow() / 1e9;
    }

    private synchronized boolean allIdle() {
        return idle.size() == links.size();
    }

    private synchronized void dispatch(Request request) {
        if (idle.isEmpty()) {
            waiting.add(request);
        } else {
            int last = idle.size() - 1;
            int at = random.nextInt(idle.size());
            Link link = idle.get(at);
            idle.set(at, idle.get(last));
            idle.remove(last);
            link.next.add(request);
        }
    }

    private synchronized void done(Link link) {
        @Nullable Request next = waiting.poll();
        if (next == null) {
            idle.add(link);
        } else {
            link.next.add(next);
        }
    }

    @Override
    public void close() throws IOException {
        for (Link link : links) {
            link.next.add(new Request(0, 0, false));
        }
        for (Link link : links) {
            try {
                link.join(TimeUnit.SECONDS.toMillis(10));
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
            link.socket.close();
        }
    }

    /** One connection and the thread that waits on it. */
    private final class Link extends Thread {
        private final Socket socket;
        private final BlockingQueue<Request> next = new LinkedBlockingQueue<>();

        Link(Socket socket) throws IOException {
            this.socket = socket;
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            setDaemon(true);
        }

        @Override
        public void run() {
            try {
                for (Request request = next.take(); request.tokens() > 0; request = next.take()) {
                    exchange(request.tokens());
                    if (request.counted()) {
                        nanos.add(System.nanoTime() - request.madeNanos());
                    }
                    done(this);
                }
            } catch (IOException | InterruptedException failed) {
                failures.add(String.valueOf(failed));
            }
        }

        private void exchange(int tokens) throws IOException {
            String body = "{\"model\":\"" + model + "\",\"ignore_eos\":true,\"max_tokens\":" + tokens
                    + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}]}";
            socket.getOutputStream()
                    .write(("POST /v1/chat/completions HTTP/1.1\r\nHost: engine\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int read = in.read();
                if (read < 0) {
                    throw new IOException("the connection ended");
                }
                head.append((char) read);
            }
            String lower = head.toString().toLowerCase(Locale.ROOT);
            int at = lower.indexOf("content-length: ");
            int length = Integer.parseInt(lower.substring(at + 16, lower.indexOf("\r\n", at)));
            String answer = new String(in.readNBytes(length), StandardCharsets.UTF_8);
            if (!lower.startsWith("http/1.1 200")) {
                throw new IOException(head + answer);
            }
        }
    }
}

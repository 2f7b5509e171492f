package dev.scepsy.planner.serve.notify;

import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import dev.scepsy.planner.serve.journal.StoreException;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;

/**
 * Posts events of proposals, decisions and scorecards to one address, in their order, each <em>at least once</em>: the journal
 * remembers the last that was taken, so after a restart (or a change of leader) it goes on there, and may repeat the last one; the
 * body's {@code id} tells. What waits are the journal's last 1,000 events and nothing in memory. An event is sent again with
 * growing pauses for up to {@value #MOST_MINUTES} minutes where there is no whole answer within {@value #ANSWER_SECONDS} s, or 408, 425, 429 or 5xx; any
 * other answer but 2xx (a redirect among them, which is not followed) is a refusal, and the event is given up, counted and said.
 *
 * <p>Only the service that leads sends: where the journal takes no note, nothing is posted. Thread-safe.
 */
public final class Webhook implements AutoCloseable {

    static final int ANSWER_SECONDS = 5;

    /** Of the service's time, an event. */
    static final int MOST_MINUTES = 5;

    static final int FIRST_PAUSE_SECONDS = 1;
    static final int LONGEST_PAUSE_SECONDS = 60;

    /** Name of the journal's note of the last event that was taken or given up. */
    static final String NOTE = "webhook.last";

    /** Of the service's time, while the store is away. */
    private static final Duration STORE_PAUSE = Duration.ofSeconds(5);

    private final URI target;
    private final String shown;
    private final Journal journal;
    private final ServiceTime time;
    private final ServiceLog log;
    private final HttpClient client;
    private final Semaphore news = new Semaphore(1);
    private final LongAdder delivered = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final Thread sender;
    private final AutoCloseable listening;
    private volatile boolean closing;
    private boolean toldRetry;

    private Webhook(URI target, Journal journal, ServiceTime time, ServiceLog log) {
        this.target = target;
        this.shown =
                target.getScheme() + "://" + target.getHost() + (target.getPort() < 0 ? "" : ":" + target.getPort());
        this.journal = journal;
        this.time = time;
        this.log = log;
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(ANSWER_SECONDS))
                .build();
        sender = new Thread(this::run, "scepsy-webhook");
        sender.setDaemon(true);
        listening = journal.listen(event -> {
            if (WebhookBody.TYPES.contains(event.type()) && news.availablePermits() == 0) {
                news.release();
            }
        });
    }

    /**
     * Starts posting what happens from now on, and what an earlier run of the service has left.
     *
     * @param target http or https; what stands in its path, query or user information is never logged
     */
    public static Webhook start(URI target, Journal journal, ServiceTime time, ServiceLog log) {
        Webhook webhook = new Webhook(target, journal, time, log);
        webhook.sender.start();
        return webhook;
    }

    /** Events that were taken. */
    public long delivered() {
        return delivered.sum();
    }

    /** Events that were given up. */
    public long dropped() {
        return dropped.sum();
    }

    private void run() {
        try {
            while (!closing) {
                news.acquire();
                boolean done = false;
                while (!done && !closing) {
                    try {
                        done = sendWhatIsNew();
                    } catch (StoreException away) {
                        if (away.isStandby()) {
                            done = true; // the leader sends; events wake this one when it leads
                        } else {
                            pause(STORE_PAUSE);
                        }
                    }
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether nothing is left. */
    private boolean sendWhatIsNew() throws InterruptedException {
        OptionalLong noted = last();
        if (noted.isEmpty()) {
            // what happened before anybody wanted to be told is not told
            List<ServiceEvent> past = journal.eventsAfter(0);
            note(past.isEmpty() ? 0 : past.get(past.size() - 1).id());
            return true;
        }
        List<ServiceEvent> events = journal.eventsAfter(noted.getAsLong());
        if (events.isEmpty()) {
            return true;
        }
        long missing = events.get(0).id() - noted.getAsLong() - 1;
        if (missing > 0) {
            dropped.add(missing);
            log.warn("The webhook at " + shown + " has missed " + missing
                    + " events: the journal keeps the last 1,000 only.");
        }
        note(noted.getAsLong()); // refused where another service leads
        for (ServiceEvent event : events) {
            if (closing) {
                return true;
            }
            if (WebhookBody.TYPES.contains(event.type()) && !send(event)) {
                return true;
            }
            note(event.id());
        }
        return false;
    }

    private OptionalLong last() {
        Optional<String> note = journal.note(NOTE);
        return note.filter(text -> text.matches("\\d{1,18}")).isPresent()
                ? OptionalLong.of(Long.parseLong(note.get()))
                : OptionalLong.empty();
    }

    private void note(long id) {
        journal.write(new Change().note(NOTE, Long.toString(id)));
    }

    /** Sends one event until it is taken or given up; whether it went so far. */
    private boolean send(ServiceEvent event) throws InterruptedException {
        String body;
        try {
            body = WebhookBody.of(event, journal);
        } catch (StoreException away) {
            throw away;
        } catch (RuntimeException unexpected) {
            dropped.increment();
            log.error("Event " + event.id() + " cannot be told by the webhook and is given up.", unexpected);
            return true;
        }
        HttpRequest request = HttpRequest.newBuilder(target)
                .header("Content-Type", "application/json")
                .header("User-Agent", "scepsy-serve")
                .header("Scepsy-Event-Id", Long.toString(event.id()))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        Instant until = time.instant().plus(Duration.ofMinutes(MOST_MINUTES));
        Duration pause = Duration.ofSeconds(FIRST_PAUSE_SECONDS);
        while (!closing) {
            Attempt attempt = attempt(request);
            if (attempt.taken()) {
                delivered.increment();
                if (toldRetry) {
                    log.info("The webhook at " + shown + " takes events again.");
                    toldRetry = false;
                }
                return true;
            }
            if (!attempt.again() || !time.instant().plus(pause).isBefore(until)) {
                dropped.increment();
                log.warn("The webhook at " + shown + " did not take event " + event.id() + " (" + event.type() + "): "
                        + attempt.trouble() + ". It is given up.");
                return true;
            }
            if (!toldRetry) {
                log.warn("The webhook at " + shown + " does not take events (" + attempt.trouble()
                        + "): they are sent again for up to " + MOST_MINUTES + " minutes each.");
                toldRetry = true;
            }
            pause(pause);
            pause = pause.multipliedBy(2).compareTo(Duration.ofSeconds(LONGEST_PAUSE_SECONDS)) < 0
                    ? pause.multipliedBy(2)
                    : Duration.ofSeconds(LONGEST_PAUSE_SECONDS);
        }
        return false;
    }

    /** One try. */
    private record Attempt(boolean taken, boolean again, String trouble) {}

    private Attempt attempt(HttpRequest request) throws InterruptedException {
        CompletableFuture<HttpResponse<Void>> exchange =
                client.sendAsync(request, HttpResponse.BodyHandlers.discarding());
        try {
            int status = exchange.get(ANSWER_SECONDS, TimeUnit.SECONDS).statusCode();
            boolean again = status == 408 || status == 425 || status == 429 || status >= 500;
            return new Attempt(status >= 200 && status < 300, again, "answer " + status);
        } catch (TimeoutException e) {
            return new Attempt(false, true, "no whole answer within " + ANSWER_SECONDS + " s");
        } catch (ExecutionException e) {
            // its message may repeat the address
            return new Attempt(
                    false,
                    true,
                    e.getCause() instanceof IOException ? "no connection, or it broke" : "it cannot be sent");
        } finally {
            exchange.cancel(true);
        }
    }

    private void pause(Duration serviceTime) throws InterruptedException {
        Thread.sleep(Math.max(1, time.real(serviceTime).toMillis()));
    }

    /** Stops posting; what is left goes on after the next start. */
    @Override
    public void close() throws Exception {
        closing = true;
        listening.close();
        sender.interrupt();
        sender.join(TimeUnit.SECONDS.toMillis(1));
    }
}

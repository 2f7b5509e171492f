package dev.scepsy.planner.receive;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.stream.SubscriptionOption;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.scepsy.planner.otlp.OtlpDecoder.Form;
import dev.scepsy.planner.receive.Notices.Kind;
import dev.scepsy.planner.receive.Transport.Envelope;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/**
 * One signal over one transport: gathers the body on the event loop, unpacks it and hands it to the intake on a worker, answers.
 */
final class ExportService implements HttpService {

    private static final Duration COME_AGAIN = Duration.ofSeconds(1);

    /** Unpacked bytes above which requests go one at a time: decoding takes several times their size. */
    private static final int LARGE_BYTES = 4 << 20;

    private static final byte[] NOTHING = {};

    /**
     * What all of a server's services share.
     *
     * @param gate who may send
     * @param budget bytes in flight
     * @param workers do what may block; they reject what they have no room for
     * @param large one permit, for requests that take much memory
     */
    record Shared(
            Intake intake,
            Gate gate,
            ReceiverLimits limits,
            ByteBudget budget,
            Executor workers,
            Semaphore large,
            ReceiverCounts counts,
            Notices notices) {}

    private final Signal signal;
    private final Transport transport;
    private final Shared shared;

    ExportService(Signal signal, Transport transport, Shared shared) {
        this.signal = signal;
        this.transport = transport;
        this.shared = shared;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
        RequestHeaders headers = request.headers();
        var refusal = transport.refuse(headers);
        if (refusal.isPresent()) {
            shared.counts().countRefused();
            shared.notices()
                    .once(
                            Kind.GARBAGE,
                            "A request to " + headers.path()
                                    + " was refused: its method, content type or encoding is not"
                                    + " OTLP's. Further ones are counted.");
            return refusal.get();
        }
        Optional<Outcome> turnedAway = shared.gate().turnAway(headers::get);
        if (turnedAway.isPresent()) {
            return answer(headers, turnedAway.get());
        }
        long announced = headers.getLong(HttpHeaderNames.CONTENT_LENGTH, 0);
        if (announced > transport.mostBytes()) {
            return answer(headers, new Outcome.TooLarge(transport.limit()));
        }
        BodyReader reader = new BodyReader(transport.mostBytes(), announced, shared.budget());
        request.subscribe(reader, context.eventLoop(), SubscriptionOption.WITH_POOLED_OBJECTS);
        return HttpResponse.of(reader.whole()
                .thenCompose(body -> {
                    CompletableFuture<Outcome> outcome = work(headers, body);
                    return outcome.whenComplete(
                            (done, failure) -> shared.budget().give(body.length));
                })
                .exceptionally(this::outcomeOf)
                .thenApply(outcome -> answer(headers, outcome)));
    }

    private CompletableFuture<Outcome> work(RequestHeaders headers, byte[] body) {
        try {
            return CompletableFuture.supplyAsync(() -> take(headers, body), shared.workers());
        } catch (RejectedExecutionException full) {
            return CompletableFuture.completedFuture(busy());
        }
    }

    private Outcome outcomeOf(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof BodyReader.TooLargeException) {
            return new Outcome.TooLarge(transport.limit());
        }
        if (cause instanceof BodyReader.BusyException) {
            return busy();
        }
        if (cause instanceof BodyReader.CutOffException) {
            shared.counts().countStalled();
            shared.notices()
                    .once(
                            Kind.STALLED,
                            "A sender stopped in the middle of a request and was cut off. Further ones are counted.");
        }
        throw new CompletionException(cause);
    }

    private static Outcome busy() {
        return new Outcome.TryLater(COME_AGAIN, "more requests came than can be worked on; send this one again");
    }

    private HttpResponse answer(RequestHeaders headers, Outcome outcome) {
        shared.counts().count(signal, outcome);
        String what = "A request of " + signal.word();
        if (outcome instanceof Outcome.Refused refused) {
            shared.notices()
                    .once(Kind.GARBAGE, what + " was refused: " + refused.reason() + ". Further ones are counted.");
        } else if (outcome instanceof Outcome.TooLarge large) {
            shared.notices()
                    .once(
                            Kind.TOO_LARGE,
                            what + " was refused: " + large.reason()
                                    + ". Let the exporter send smaller batches (OTEL_BSP_MAX_EXPORT_BATCH_SIZE)."
                                    + " Further ones are counted.");
        } else if (outcome instanceof Outcome.Unauthenticated unknown) {
            shared.notices()
                    .once(Kind.NOT_ADMITTED, what + " was refused: " + unknown.reason() + " Further ones are counted.");
        } else if (outcome instanceof Outcome.Forbidden forbidden) {
            shared.notices()
                    .once(
                            Kind.NOT_ADMITTED,
                            what + " was refused: " + forbidden.reason() + " Further ones are counted.");
        } else if (outcome instanceof Outcome.TryLater later) {
            shared.notices().once(Kind.BUSY, what + " was put off: " + later.reason() + ". Further ones are counted.");
        }
        return transport.answer(headers, outcome);
    }

    /** On a worker. */
    private Outcome take(RequestHeaders headers, byte[] body) {
        try {
            Envelope envelope = transport.open(headers, body);
            if (!shared.intake().reads(signal)) {
                return hand(envelope, NOTHING);
            }
            byte[] message = envelope.gzip()
                    ? Gunzip.unpack(envelope.sent(), shared.limits().unpackedBytes())
                    : envelope.sent();
            if (message.length <= LARGE_BYTES) {
                return hand(envelope, message);
            }
            shared.large().acquireUninterruptibly();
            try {
                return hand(envelope, message);
            } finally {
                shared.large().release();
            }
        } catch (Gunzip.TooLargeException e) {
            return new Outcome.TooLarge(
                    "it unpacks to more than " + (shared.limits().unpackedBytes() >> 20) + " MiB");
        } catch (IOException e) {
            return new Outcome.Refused(String.valueOf(e.getMessage()));
        } catch (OutOfMemoryError e) {
            // one allocation of a large request failed; the others go on
            return new Outcome.TooLarge("it needs more memory than this process has (-Xmx)");
        }
    }

    private Outcome hand(Envelope envelope, byte[] message) {
        Form form = envelope.form();
        return shared.intake().take(new ReceivedRequest(signal, form, envelope.sent(), envelope.gzip(), message));
    }
}

package dev.scepsy.planner.serve.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.common.util.TimeoutMode;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.scepsy.planner.receive.BodyReader;
import dev.scepsy.planner.receive.ByteBudget;
import dev.scepsy.planner.serve.journal.StoreException;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.loop.Operations;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/** One request, from its headers to its answer: find the address, let in, read the body, answer. Thread-safe. */
final class WebService implements HttpService {

    /**
     * What it works with.
     *
     * @param reads do what only reads; they reject what they have no room for
     * @param decides do what may take long; likewise
     */
    record Parts(
            Router router,
            Doorkeeper doorkeeper,
            Keys keys,
            EventStreams events,
            WebLimits limits,
            Executor reads,
            Executor decides,
            ServiceLog log) {}

    private final Parts parts;
    private final ByteBudget budget = new ByteBudget(WebLimits.MOST_BYTES_IN_FLIGHT);

    WebService(Parts parts) {
        this.parts = parts;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
        return HttpResponse.of(respond(context, request).exceptionally(failure -> response(refused(failure))));
    }

    private CompletableFuture<HttpResponse> respond(ServiceRequestContext context, HttpRequest request) {
        try {
            Router.Found found = parts.router().find(request.method(), context.path());
            Executor workers = found.route().changes() ? parts.decides() : parts.reads();
            return CompletableFuture.supplyAsync(() -> admit(context, request.headers(), found), workers)
                    .thenCompose(caller -> found.route().changes()
                            ? change(context, request, found, caller, workers)
                            : read(context, request, found, caller));
        } catch (Refusal | RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Caller admit(ServiceRequestContext context, RequestHeaders headers, Router.Found found) {
        return parts.doorkeeper()
                .admit(
                        found.route(),
                        headers,
                        from(context),
                        context.sessionProtocol().isTls());
    }

    private CompletableFuture<HttpResponse> read(
            ServiceRequestContext context, HttpRequest request, Router.Found found, Caller caller) {
        context.setRequestTimeout(TimeoutMode.SET_FROM_NOW, parts.limits().answerTimeout());
        Exchange exchange = exchange(context, request.headers(), found, caller, new byte[0]);
        if (found.route().template().equals(Addresses.EVENTS)) {
            exchange.query().check();
            long after = EventStreams.lastIn(request.headers());
            if (request.method() == HttpMethod.GET) {
                return CompletableFuture.completedFuture(parts.events().stream(context, caller, after));
            }
        }
        return CompletableFuture.completedFuture(response(work(found.route(), exchange)));
    }

    private CompletableFuture<HttpResponse> change(
            ServiceRequestContext context, HttpRequest request, Router.Found found, Caller caller, Executor workers) {
        if (request.headers().getLong(HttpHeaderNames.CONTENT_LENGTH, 0) > WebLimits.MOST_BODY_BYTES) {
            return CompletableFuture.failedFuture(tooLarge());
        }
        BodyReader reader = new BodyReader(WebLimits.MOST_BODY_BYTES, 0, budget);
        request.subscribe(reader, context.eventLoop());
        return reader.whole()
                .thenCompose(body -> {
                    context.setRequestTimeout(
                            TimeoutMode.SET_FROM_NOW, parts.limits().answerTimeout());
                    return later(() -> decide(context, request.headers(), found, caller, body), workers)
                            .whenComplete((answer, failure) -> budget.give(body.length));
                })
                .thenApply(WebService::response);
    }

    private static CompletableFuture<Answer> later(Supplier<CompletableFuture<Answer>> work, Executor workers) {
        try {
            return CompletableFuture.supplyAsync(work, workers).thenCompose(answer -> answer);
        } catch (RejectedExecutionException full) {
            return CompletableFuture.failedFuture(full);
        }
    }

    private CompletableFuture<Answer> decide(
            ServiceRequestContext context, RequestHeaders headers, Router.Found found, Caller caller, byte[] body) {
        Route route = found.route();
        Exchange exchange = exchange(context, headers, found, caller, body);
        Optional<String> key = Keys.keyIn(headers);
        boolean keeps = route.access() != Route.Access.PUBLIC && !Decisions.onlyAsks(route, exchange);
        if (key.isEmpty() || !keeps) {
            return CompletableFuture.completedFuture(work(route, exchange));
        }
        String request = Keys.request(route.method().name(), headers.path(), body, caller);
        return parts.keys().once(key.get(), request, () -> work(route, exchange));
    }

    private static Exchange exchange(
            ServiceRequestContext context, RequestHeaders headers, Router.Found found, Caller caller, byte[] body) {
        ObjectNode given = Given.parse(body);
        String query = context.query();
        return new Exchange(
                headers,
                found.path(),
                new Query(query == null ? QueryParams.of() : QueryParams.fromQueryString(query)),
                given,
                caller,
                from(context),
                context.sessionProtocol().isTls());
    }

    private static InetAddress from(ServiceRequestContext context) {
        return context.remoteAddress().getAddress();
    }

    /** What the operations say is an answer; that nothing could be asked of them is thrown. */
    private static Answer work(Route route, Exchange exchange) {
        try {
            return route.work().answer(exchange);
        } catch (Operations.ConflictException e) {
            return Refusal.problem(409, String.valueOf(e.getMessage()), Map.of("state", e.state()));
        } catch (Operations.UnknownException e) {
            return Refusal.problem(404, String.valueOf(e.getMessage()), Map.of());
        } catch (Operations.BadRequestException e) {
            return Refusal.bad(e.problems()).answer();
        } catch (NotShownException e) {
            return e.refusal().answer();
        }
    }

    private Answer refused(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof Refusal refusal) {
            return refusal.answer();
        }
        if (cause instanceof StoreException store) {
            Refusal refusal = Refusal.later(String.valueOf(store.getMessage()));
            return (store.isStandby() ? refusal.member("standby", true) : refusal).answer();
        }
        if (cause instanceof RejectedExecutionException || cause instanceof BodyReader.BusyException) {
            return Refusal.later("More requests came than can be worked on. Send this one again.")
                    .answer();
        }
        if (cause instanceof BodyReader.TooLargeException) {
            return tooLarge().answer();
        }
        if (cause instanceof BodyReader.CutOffException) {
            return new Refusal(408, "The body did not arrive whole in time.").answer();
        }
        parts.log().error("A request could not be answered because of an error in the service.", cause);
        return new Refusal(500, "The service failed to answer this; its log says more.").answer();
    }

    private static Refusal tooLarge() {
        return new Refusal(413, "The body is larger than " + (WebLimits.MOST_BODY_BYTES >> 20) + " MiB.");
    }

    static HttpResponse response(Answer answer) {
        return HttpResponse.of(headers(answer), HttpData.wrap(answer.body()));
    }

    static ResponseHeaders headers(Answer answer) {
        ResponseHeadersBuilder headers =
                ResponseHeaders.builder(answer.status()).add(Headers.ofApi());
        answer.headers().forEach((name, value) -> headers.set(name, value));
        if (!answer.mediaType().isEmpty()) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, answer.mediaType());
        }
        return headers.build();
    }
}

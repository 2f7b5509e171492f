package dev.scepsy.planner.serve.web;

import com.linecorp.armeria.common.RequestHeaders;
import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.StoreException;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * {@code Idempotency-Key}: a request that is sent again is not done again, and gets the answer of the first, from the journal, also
 * after a restart. What was not done (400 by form, 401, 403, 5xx) leaves its key free. Thread-safe.
 */
final class Keys {

    static final String HEADER = "idempotency-key";
    private static final String REPLAYED = "idempotency-replayed";
    private static final Pattern KEY = Pattern.compile("[!-~]{1," + WebLimits.MOST_KEY_CHARACTERS + "}");

    private record Running(String request, CompletableFuture<Answer> answer) {}

    private final Journal journal;
    private final ServiceTime time;
    private final ServiceLog log;
    private final ConcurrentMap<String, Running> running = new ConcurrentHashMap<>();

    Keys(Journal journal, ServiceTime time, ServiceLog log) {
        this.journal = journal;
        this.time = time;
        this.log = log;
    }

    /** @throws Refusal 400 */
    static Optional<String> keyIn(RequestHeaders headers) {
        List<String> keys = headers.getAll(HEADER);
        if (keys.isEmpty()) {
            return Optional.empty();
        }
        if (keys.size() > 1 || !KEY.matcher(keys.get(0)).matches()) {
            throw Refusal.bad(List.of("The Idempotency-Key must be one word of 1 to " + WebLimits.MOST_KEY_CHARACTERS
                    + " visible ASCII characters."));
        }
        return Optional.of(keys.get(0));
    }

    /** What is asked, and by whom: the same request is the same text. */
    static String request(String method, String path, byte[] body, Caller caller) {
        return method + " " + path + " sha256:" + Secrets.digest(body) + " by "
                + caller.actor().name();
    }

    /**
     * Does {@code work} unless it was done under this key, or is being done.
     *
     * @param work answers, or throws a {@link RuntimeException} where nothing was done
     */
    CompletableFuture<Answer> once(String key, String request, Supplier<Answer> work) {
        Running mine = new Running(request, new CompletableFuture<>());
        Running other = running.putIfAbsent(key, mine);
        if (other != null) {
            mustBe(request, other.request());
            return other.answer().thenApply(answer -> answer.with(REPLAYED, "true"));
        }
        try {
            Answer answer = stored(key, request).orElseGet(() -> {
                Answer done = work.get();
                store(key, request, done);
                return done;
            });
            mine.answer().complete(answer);
        } catch (RuntimeException | Error e) {
            mine.answer().completeExceptionally(e);
        } finally {
            running.remove(key, mine);
        }
        return mine.answer();
    }

    private Optional<Answer> stored(String key, String request) {
        return journal.answered(key).map(before -> {
            mustBe(request, before.request());
            String mediaType = before.body().isEmpty() ? "" : before.status() < 400 ? Answer.JSON : Answer.PROBLEM;
            return Answer.text(before.status(), mediaType, before.body()).with(REPLAYED, "true");
        });
    }

    /** What was decided is durable already; that its answer could not be kept is no reason to hide it. */
    private void store(String key, String request, Answer answer) {
        try {
            String body = new String(answer.body(), StandardCharsets.UTF_8);
            journal.write(
                    new Change().answer(new Journal.Answered(key, request, answer.status(), body), time.instant()));
        } catch (StoreException e) {
            log.error(
                    "The answer under an Idempotency-Key could not be kept: sent again, the request is done again.", e);
        }
    }

    private static void mustBe(String request, String before) {
        if (!request.equals(before)) {
            throw new Refusal(
                    422, "This Idempotency-Key was used for another request within 24 hours. Use a new one for each.");
        }
    }
}

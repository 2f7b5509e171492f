package dev.scepsy.planner.otlp;

import dev.scepsy.planner.span.Origin;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.Vocabulary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The spans of a request while it is read: they are handed on, and counted, only once all of it proved well-formed. Not thread-safe. */
final class RequestSpans {

    /** Resources that are kept. */
    private static final int MOST_ORIGINS = 20_000;

    /** Spans up to {@code end}, from where the scope before ends, were made by this instrumentation. */
    private record Scope(String name, int end) {}

    private final Map<Origin, Origin> sharedOrigins = new HashMap<>();
    private final List<Span> spans = new ArrayList<>();
    private final List<@Nullable Vocabulary> vocabularies = new ArrayList<>();
    private final List<Scope> scopes = new ArrayList<>();
    private final Seen seen = new Seen();
    private Origin origin = Origin.UNKNOWN;
    private int firstOfResource;

    /** Forgets what was read of a request. */
    void clear() {
        spans.clear();
        vocabularies.clear();
        scopes.clear();
    }

    void beginResource() {
        firstOfResource = spans.size();
        origin = Origin.UNKNOWN;
    }

    /** The resource of the spans since {@link #beginResource} and of those to come: it may stand after its spans. */
    void resource(Origin read) {
        Origin known = sharedOrigins.putIfAbsent(read, read);
        origin = known != null ? known : read;
        if (sharedOrigins.size() > MOST_ORIGINS) {
            sharedOrigins.clear();
        }
        for (int i = firstOfResource; i < spans.size(); i++) {
            spans.set(i, spans.get(i).from(origin));
        }
    }

    /** Who made the spans that are read now. */
    Origin origin() {
        return origin;
    }

    /**
     * Takes a span.
     *
     * @param vocabulary whose names say its kind or model; null where none do
     */
    void add(Span span, @Nullable Vocabulary vocabulary) {
        spans.add(span);
        vocabularies.add(vocabulary);
    }

    /** All spans since the last scope's end were made by this instrumentation. */
    void endScope(String name) {
        scopes.add(new Scope(name, spans.size()));
    }

    /** Hands all on, and counts them. */
    void hand(Consumer<? super Span> sink) {
        int at = 0;
        for (Scope scope : scopes) {
            seen.add(spans.subList(at, scope.end()), vocabularies.subList(at, scope.end()), scope.name());
            at = scope.end();
        }
        spans.forEach(sink);
        clear();
    }

    void addOtherSignal() {
        seen.addOtherSignal();
    }

    /** What the spans handed on since the last time look like. */
    Seen takeSeen() {
        Seen taken = seen.copy();
        seen.clear();
        return taken;
    }
}

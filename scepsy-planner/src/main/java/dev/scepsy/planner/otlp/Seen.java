package dev.scepsy.planner.otlp;

import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.Vocabulary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the spans of a source look like: by whom they were made, whose names they use, what of them was understood. Counts of
 * whole sources may be added in any order. Not thread-safe.
 */
public final class Seen {

    /** Distinct instrumentations that are told apart; names beyond are counted together under an empty name. */
    private static final int MOST_SCOPES = 1000;

    private static final Vocabulary[] VOCABULARIES = Vocabulary.values();

    private final Map<String, Scope> scopes = new HashMap<>();
    private final Map<Vocabulary, Long> vocabularies = new EnumMap<>(Vocabulary.class);
    private long spans;
    private long calls;
    private long engineSpans;
    private long namelessCalls;
    private long otherSignals;

    /**
     * Spans of one instrumentation scope.
     *
     * @param name the scope's name, empty where it has none
     * @param spans its spans
     * @param calls those of them that are model calls
     */
    public record Scope(String name, long spans, long calls) {
        private Scope plus(Scope other) {
            return new Scope(name, spans + other.spans, calls + other.calls);
        }
    }

    /**
     * Counts the spans of one instrumentation.
     *
     * @param made its spans
     * @param words for each of them, whose names say its kind or model; null where none do
     * @param scope name of the instrumentation that made them
     */
    void add(List<Span> made, List<@Nullable Vocabulary> words, String scope) {
        long callsBefore = calls;
        long[] counts = new long[VOCABULARIES.length];
        for (int i = 0; i < made.size(); i++) {
            Span span = made.get(i);
            boolean call = span.isModelCall();
            calls += call ? 1 : 0;
            if (span.genAi().engine() != null) {
                engineSpans++;
            } else if (!call && span.genAi().model() != null && span.genAi().operation() == Operation.NONE) {
                namelessCalls++;
            }
            Vocabulary vocabulary = words.get(i);
            if (vocabulary != null) {
                counts[vocabulary.ordinal()]++;
            }
        }
        for (Vocabulary vocabulary : VOCABULARIES) {
            if (counts[vocabulary.ordinal()] > 0) {
                vocabularies.merge(vocabulary, counts[vocabulary.ordinal()], Long::sum);
            }
        }
        spans += made.size();
        if (!made.isEmpty()) {
            add(new Scope(scope, made.size(), calls - callsBefore));
        }
    }

    private void add(Scope scope) {
        boolean room = scopes.size() < MOST_SCOPES || scopes.containsKey(scope.name());
        Scope kept = room ? scope : new Scope("", scope.spans(), scope.calls());
        scopes.merge(kept.name(), kept, Scope::plus);
    }

    /** Counts a request of metrics, logs or profiles. */
    void addOtherSignal() {
        otherSignals++;
    }

    /** Adds what another has counted. */
    public void add(Seen other) {
        spans += other.spans;
        calls += other.calls;
        engineSpans += other.engineSpans;
        namelessCalls += other.namelessCalls;
        otherSignals += other.otherSignals;
        other.vocabularies.forEach((vocabulary, count) -> vocabularies.merge(vocabulary, count, Long::sum));
        other.scopes.values().forEach(this::add);
    }

    void clear() {
        spans = 0;
        calls = 0;
        engineSpans = 0;
        namelessCalls = 0;
        otherSignals = 0;
        vocabularies.clear();
        scopes.clear();
    }

    Seen copy() {
        Seen copy = new Seen();
        copy.add(this);
        return copy;
    }

    /** Spans read. */
    public long spans() {
        return spans;
    }

    /** Those of them that are model calls. */
    public long calls() {
        return calls;
    }

    /** Engines' own spans, which say where a call's time went. */
    public long engineSpans() {
        return engineSpans;
    }

    /** Spans that name a model and neither say their operation nor count tokens: not read as calls. */
    public long namelessCalls() {
        return namelessCalls;
    }

    /** Requests of metrics, logs or profiles among the lines. */
    public long otherSignals() {
        return otherSignals;
    }

    /** Spans by whose names say their kind or model. */
    public Map<Vocabulary, Long> vocabularies() {
        return new EnumMap<>(vocabularies);
    }

    /** By spans, most first, then by name. */
    public List<Scope> scopes() {
        List<Scope> sorted = new ArrayList<>(scopes.values());
        sorted.sort(Comparator.comparingLong(Scope::spans).reversed().thenComparing(Scope::name));
        return sorted;
    }
}

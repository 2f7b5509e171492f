package dev.scepsy.planner.serve.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.receive.Forwarder;
import dev.scepsy.planner.receive.ReceiverCounts;
import dev.scepsy.planner.serve.engines.EngineLoads;
import dev.scepsy.planner.serve.engines.EngineLoads.ModelLoad;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.ProposalState;
import dev.scepsy.planner.serve.journal.ServiceEvent;
import dev.scepsy.planner.serve.journal.Store;
import dev.scepsy.planner.serve.loop.Operations;
import dev.scepsy.planner.serve.loop.Operations.LoopView;
import dev.scepsy.planner.serve.loop.Operations.ModelView;
import dev.scepsy.planner.serve.loop.Operations.StageTime;
import dev.scepsy.planner.serve.observe.Observations;
import dev.scepsy.planner.serve.observe.Observations.Bin;
import dev.scepsy.planner.serve.observe.Observations.Counts;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The rooms that metrics are read from, with numbers of the test's. */
final class FakeService {

    static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

    Counts counts = new Counts(
            1000, 20, 3, Map.of(), new TreeMap<>(Map.of("complete", 90L, "timedOut", 2L, "late", 5L)), 7, 70, 1);
    Map<String, List<Bin>> rates =
            new TreeMap<>(Map.of("rag", List.of(new Bin(NOW, 30), new Bin(NOW, 60)), "idle", List.of(new Bin(NOW, 0))));
    LoopView loop = new LoopView(
            "propose",
            null,
            Map.of("detect", new StageTime(4, 0.5), "propose", new StageTime(1, 2)),
            Map.of("rag", 4.5),
            Map.of("rag", 5.25),
            List.of(),
            2,
            List.of());
    boolean broken;
    boolean leads = true;
    int proposalReads;
    List<ProposalState> states = new ArrayList<>(List.of(ProposalState.OPEN, ProposalState.KEPT, ProposalState.KEPT));
    Consumer<ServiceEvent> listener = event -> {};
    List<Forwarder> forwarders = List.of();
    final ReceiverCounts receiver = new ReceiverCounts();

    MetricSources sources() {
        Journal journal = fake(Journal.class, (self, method, args) -> switch (method.getName()) {
            case "listen" -> {
                listener = listenerOf(args[0]);
                yield (AutoCloseable) () -> listener = event -> {};
            }
            case "freeze" -> Optional.empty();
            case "pins" -> List.of();
            case "proposals" -> {
                proposalReads++;
                yield states.stream().map(FakeService::proposal).toList();
            }
            default -> throw new UnsupportedOperationException(method.getName());
        });
        Store store = fake(Store.class, (self, method, args) -> switch (method.getName()) {
            case "journal" -> journal;
            case "leads" -> leads;
            case "trouble" -> broken ? Optional.of("The disk is full.") : Optional.empty();
            default -> throw new UnsupportedOperationException(method.getName());
        });
        return new MetricSources(
                fake(Observations.class, (self, method, args) -> switch (method.getName()) {
                    case "counts" -> counts;
                    case "rates" -> rates;
                    default -> throw new UnsupportedOperationException(method.getName());
                }),
                fake(EngineLoads.class, (self, method, args) -> switch (method.getName()) {
                    case "models" -> Map.of("critic", load());
                    case "troubles" -> List.of("Pod x: no.");
                    default -> throw new UnsupportedOperationException(method.getName());
                }),
                fake(Operations.class, (self, method, args) -> {
                    if (broken) {
                        throw new IllegalStateException("away");
                    }
                    return switch (method.getName()) {
                        case "loop" -> loop;
                        case "models" ->
                            List.of(new ModelView(
                                    "critic", false, 2, 3.0, 1.0, 0.5, 0.3, 2.0, 2.5, 1.5, 1.25, 0.6, 0.7, List.of()));
                        default -> throw new UnsupportedOperationException(method.getName());
                    };
                }),
                store,
                () -> receiver,
                () -> forwarders,
                () -> 11,
                () -> 1);
    }

    @SuppressWarnings("unchecked")
    private static Consumer<ServiceEvent> listenerOf(Object argument) {
        return (Consumer<ServiceEvent>) argument;
    }

    private static ModelLoad load() {
        return new ModelLoad("critic", NOW, 2, 3, 1, 0.5, 0.3, 0.1, 2.0, 0.1, 0.2, 1.0, 1.3, 500.0, 80.0);
    }

    private static Proposal proposal(ProposalState state) {
        JsonNode empty = Documents.parse("{}");
        return new Proposal(
                "p",
                state,
                NOW,
                NOW,
                List.of(),
                empty,
                empty,
                Map.of(),
                new Proposal.Gain(2.0, 1.0, 0.5, 4, 4, List.of()),
                new Proposal.MoveCost(1, 2, 3, 4, 5, 6),
                List.of(),
                List.of(),
                List.of(),
                null,
                "hardware",
                "evidence",
                List.of(),
                null,
                null,
                Map.of());
    }

    private static <T> T fake(Class<T> type, InvocationHandler answers) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, answers));
    }
}

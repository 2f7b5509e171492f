package dev.scepsy.samples.cluster.route;

import dev.scepsy.samples.cluster.engine.Engine;
import dev.scepsy.samples.cluster.engine.EngineChooser;
import dev.scepsy.samples.cluster.engine.EventClock;
import dev.scepsy.samples.cluster.engine.OpenAiFailure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The router that no cluster has: it balances requests, not connections, and knows at every moment what is inside each engine. A request
 * goes to the ready one with the fewest inside; while there is none for a model that is known, it waits, so that a rollout without a gap
 * loses nothing. The gateway is one, for comparison with what real routers reach. Confined to the event loop.
 */
public final class IdealRouter implements EngineChooser {
    /** How long a request waits for an engine, emulated seconds. */
    public static final double PATIENCE_SECONDS = 60;

    private final EventClock clock;
    private final List<Waiting> waiting = new ArrayList<>();
    private List<Engine> ready = List.of();
    private Set<String> known = Set.of();
    private int turn;

    private record Waiting(String model, Promise<Engine> promise, EventClock.Event giveUp) {}

    public IdealRouter(EventClock clock) {
        this.clock = clock;
    }

    /**
     * Says who is ready now.
     *
     * @param known models that have engines, ready or not: requests for them wait
     */
    public void update(List<Engine> ready, Set<String> known) {
        this.ready = List.copyOf(ready);
        this.known = Set.copyOf(known);
        for (Waiting each : List.copyOf(waiting)) {
            leastLoaded(each.model()).ifPresent(engine -> {
                waiting.remove(each);
                each.giveUp().cancel();
                each.promise().complete(engine);
            });
        }
    }

    @Override
    public Future<Engine> choose(String model) {
        Optional<Engine> engine = leastLoaded(model);
        if (engine.isPresent()) {
            return Future.succeededFuture(engine.get());
        }
        if (!known.contains(model)) {
            return Future.failedFuture(OpenAiFailure.noSuchModel(model));
        }
        Promise<Engine> promise = Promise.promise();
        waiting.add(new Waiting(model, promise, clock.after(PATIENCE_SECONDS, () -> giveUp(promise, model))));
        return promise.future();
    }

    private void giveUp(Promise<Engine> promise, String model) {
        waiting.removeIf(each -> each.promise().equals(promise));
        promise.tryFail(OpenAiFailure.unavailable(
                "no engine of model `" + model + "` was ready within " + PATIENCE_SECONDS + " s"));
    }

    // Ties take turns, or an idle fleet would send everything to its first engine.
    private Optional<Engine> leastLoaded(String model) {
        List<Engine> able = ready.stream()
                .filter(engine -> engine.state() == Engine.State.SERVING)
                .filter(engine -> engine.spec().servedNames().contains(model))
                .toList();
        int least = able.stream().mapToInt(Engine::load).min().orElse(0);
        List<Engine> tied =
                able.stream().filter(engine -> engine.load() == least).toList();
        return tied.isEmpty() ? Optional.empty() : Optional.of(tied.get(Math.floorMod(turn++, tied.size())));
    }

    @Override
    public List<String> models() {
        return ready.stream()
                .flatMap(engine -> engine.spec().servedNames().stream())
                .distinct()
                .sorted(Comparator.naturalOrder())
                .toList();
    }

    @Override
    public boolean isHealthy() {
        return !ready.isEmpty();
    }

    /** Requests that wait for an engine. */
    public int waiting() {
        return waiting.size();
    }
}

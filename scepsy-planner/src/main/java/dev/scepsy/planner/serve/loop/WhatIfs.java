package dev.scepsy.planner.serve.loop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.planning.PinnedShape;
import dev.scepsy.planner.planning.Planner;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.search.Search;
import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.loop.Operations.BadRequestException;
import dev.scepsy.planner.serve.loop.Operations.ConflictException;
import dev.scepsy.planner.serve.loop.Operations.WhatIfAnswer;
import dev.scepsy.planner.serve.loop.Operations.WhatIfQuestion;
import dev.scepsy.planner.share.Interval95;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Plans under changed circumstances, on threads of its own. One search per session: a newer question ends the one before, which answers
 * with what it has. Records nothing. Thread-safe.
 */
final class WhatIfs {

    /** A search answers after this with the best it has. */
    static final long MOST_NANOS = 2_000_000_000L;

    private static final double PROVEN = 1e-9;
    private static final double NANOS = 1e9;

    private final Situations situations;
    private final Optional<ClusterPort> port;
    private final ExecutorService threads;
    private final Map<String, AtomicBoolean> asking = new ConcurrentHashMap<>();

    WhatIfs(Situations situations, Optional<ClusterPort> port, ExecutorService threads) {
        this.situations = situations;
        this.port = port;
        this.threads = threads;
    }

    WhatIfAnswer ask(String session, WhatIfQuestion question) throws ConflictException, BadRequestException {
        if (port.isEmpty()) {
            throw new ConflictException("No cluster is configured: there is nothing to plan on.", "observe");
        }
        AtomicBoolean superseded = new AtomicBoolean();
        AtomicBoolean before = asking.put(session, superseded);
        if (before != null) {
            before.set(true);
        }
        try {
            return waitFor(() -> answer(port.get(), question, superseded));
        } finally {
            asking.remove(session, superseded);
        }
    }

    private WhatIfAnswer waitFor(Callable<WhatIfAnswer> work) throws ConflictException, BadRequestException {
        try {
            return threads.submit(work).get();
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof ConflictException conflict) {
                throw conflict;
            }
            if (cause instanceof BadRequestException bad) {
                throw bad;
            }
            throw cause instanceof RuntimeException bug ? bug : new IllegalStateException(cause);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new ConflictException("The service is ending.", "ending");
        }
    }

    private WhatIfAnswer answer(ClusterPort port, WhatIfQuestion question, AtomicBoolean superseded)
            throws ConflictException, BadRequestException {
        long begin = System.nanoTime();
        AtomicBoolean stopped = new AtomicBoolean();
        SearchLimits.Stop stop = () -> {
            boolean now = superseded.get() || System.nanoTime() - begin >= MOST_NANOS;
            if (now) {
                stopped.set(true);
            }
            return now;
        };
        Situations.Gathered gathered;
        try {
            gathered = situations.gather(port, List.of(), question.targets());
        } catch (ClusterPort.UnreachableException gone) {
            throw new ConflictException(String.valueOf(gone.getMessage()), "unreachable");
        }
        if (gathered.situation().isEmpty()) {
            throw new BadRequestException(gathered.why());
        }
        Situation situation = gathered.situation().get();
        List<String> wrong = wrong(situation, question);
        if (!wrong.isEmpty()) {
            throw new BadRequestException(wrong);
        }
        ProblemAssembly described = situation
                .described()
                .withModels(model -> question.without().contains(model.name())
                        ? model.toBuilder().external(true).build()
                        : model);
        Planner planner = Planner.of(described);
        PlanningProblem problem = planner.problem().legalValue().orElse(null);
        if (problem == null) {
            throw new BadRequestException(planner.problem().whyMalformed().stream()
                    .map(Object::toString)
                    .toList());
        }
        AllocationProblem asked = changed(problem, situation, question);
        Placeability.Factory placement = situation
                .served()
                .<Placeability.Factory>map(served -> Placement.keeping(PlanText.of(served)))
                .orElse(Placement::on);
        SearchResult result = Search.plan(
                asked,
                placement,
                new SearchLimits(
                        SearchLimits.standard().nodes(), SearchLimits.standard().seed(), stop));
        double seconds = (System.nanoTime() - begin) / NANOS;
        if (result instanceof SearchResult.Found found) {
            return new WhatIfAnswer(
                    answered(found.plan(), problem, question),
                    true,
                    found.plan().optimalityGap() <= PROVEN,
                    stopped.get(),
                    seconds);
        }
        return new WhatIfAnswer(
                Documents.parse(PlanFile.toJson((SearchResult.Infeasible) result)),
                false,
                !stopped.get(),
                stopped.get(),
                seconds);
    }

    /** With intervals of the predicted latencies; of models made faster by a factor there are none. */
    private static JsonNode answered(Plan plan, PlanningProblem problem, WhatIfQuestion question) {
        JsonNode tree = PlanText.tree(plan);
        if (question.faster().isEmpty()) {
            Map<String, Interval95> intervals =
                    PlanValue.of(problem, plan.allocations(), Map.of()).intervals();
            for (JsonNode prediction : tree.path("predictions")) {
                @Nullable
                Interval95 interval = intervals.get(prediction.path("workflow").asText());
                if (interval != null && prediction instanceof ObjectNode object) {
                    object.putArray("latencyInterval95Seconds")
                            .add(interval.low())
                            .add(interval.high());
                }
            }
        }
        return tree;
    }

    private static AllocationProblem changed(PlanningProblem problem, Situation situation, WhatIfQuestion question) {
        AllocationProblem free = problem.allocationProblem(AllocationProblem.DEFAULT_MAX_UTILISATION);
        Map<String, Double> limits = new java.util.HashMap<>(situation.targets().latencyLimitSeconds());
        question.limits()
                .forEach((called, limit) -> shown(situation, called).ifPresent(name -> limits.put(name, limit)));
        AllocationProblem limited = free.withWorkflows(free.workflows().stream()
                .map(demand -> {
                    @Nullable Double limit = limits.get(demand.name());
                    return limit == null ? demand : demand.withLatencyLimit(OptionalDouble.of(limit));
                })
                .toList());
        AllocationProblem faster = limited.withModels(limited.models().stream()
                .map(model -> {
                    @Nullable Double factor = question.faster().get(model.name());
                    return factor == null
                            ? model
                            : new AllocationProblem.ModelOptions(
                                    model.name(),
                                    model.minReplicas(),
                                    model.maxReplicas(),
                                    model.candidates().stream()
                                            .map(each -> each.withProfile(new Faster(each.profile(), factor)))
                                            .toList());
                })
                .toList());
        AllocationProblem resized =
                question.gpus().isEmpty() ? faster : faster.withCluster(resized(situation.hardware(), question.gpus()));
        return PinnedShape.restrict(
                resized,
                situation.pins().stream()
                        .filter(pin -> !question.without().contains(pin.model()))
                        .toList());
    }

    private static Optional<String> shown(Situation situation, String called) {
        return situation.statistics().workflows().stream()
                .filter(workflow -> workflow.isCalled(called))
                .map(WorkflowStatistics::name)
                .findFirst();
    }

    private static Cluster resized(Cluster cluster, Map<String, Integer> gpus) {
        List<Rack> racks = new ArrayList<>();
        for (Rack rack : cluster.racks()) {
            List<Node> nodes = rack.nodes().stream()
                    .filter(node -> gpus.getOrDefault(node.name(), node.gpus()) > 0)
                    .map(node -> {
                        int count = gpus.getOrDefault(node.name(), node.gpus());
                        return new Node(
                                node.name(),
                                node.gpu(),
                                count,
                                node.domainSize() == node.gpus() ? count : Math.min(count, node.domainSize()),
                                node.sharing(),
                                node.occupied().stream()
                                        .filter(part -> part.gpu() < count)
                                        .toList(),
                                node.host());
                    })
                    .toList();
            if (!nodes.isEmpty()) {
                racks.add(new Rack(rack.name(), nodes));
            }
        }
        return new Cluster(racks);
    }

    private static final int MOST_GPUS = 1024;

    private static List<String> wrong(Situation situation, WhatIfQuestion question) {
        List<String> wrong = new ArrayList<>();
        List<String> nodes =
                situation.hardware().nodes().stream().map(Node::name).toList();
        question.targets().forEach((workflow, rate) -> {
            if (!(rate >= 0 && Double.isFinite(rate))) {
                wrong.add("The target (" + rate + ") of workflow (" + workflow + ") must be 0 or more.");
            }
        });
        question.limits().forEach((workflow, limit) -> {
            if (shown(situation, workflow).isEmpty()) {
                wrong.add("There is no workflow (" + workflow + ") to limit.");
            }
            if (!(limit > 0)) {
                wrong.add("The limit (" + limit + " s) of workflow (" + workflow + ") must be above 0.");
            }
        });
        question.gpus().forEach((node, count) -> {
            if (!nodes.contains(node)) {
                wrong.add("There is no node (" + node + "). There are " + nodes + ".");
            }
            if (count < 0 || count > MOST_GPUS) {
                wrong.add("The gpus (" + count + ") of node (" + node + ") must lie in [0, " + MOST_GPUS + "].");
            }
        });
        if (nodes.stream().allMatch(node -> question.gpus().getOrDefault(node, 1) == 0)) {
            wrong.add("No node is left.");
        }
        question.faster().forEach((model, factor) -> {
            if (!(factor > 0 && Double.isFinite(factor))) {
                wrong.add("The factor (" + factor + ") on the speed of model (" + model + ") must be above 0.");
            }
        });
        for (String model : java.util.stream.Stream.concat(
                        question.without().stream(), question.faster().keySet().stream())
                .toList()) {
            if (situation.models().value().models().stream()
                    .noneMatch(known -> known.name().equals(model))) {
                wrong.add("The models file has no model (" + model + ").");
            }
        }
        return wrong;
    }

    /** A replica that is so many times as fast. */
    private record Faster(LatencyProfile plain, double factor) implements LatencyProfile {
        @Override
        public double meanLatencySeconds(double requestsPerSecond) {
            return plain.meanLatencySeconds(requestsPerSecond / factor) / factor;
        }

        @Override
        public double meanLatencySeconds(double requestsPerSecond, int replicas) {
            return plain.meanLatencySeconds(requestsPerSecond / factor, replicas) / factor;
        }

        @Override
        public double saturationRequestsPerSecond() {
            return plain.saturationRequestsPerSecond() * factor;
        }

        @Override
        public double memoryGiBPerGpu() {
            return plain.memoryGiBPerGpu();
        }
    }
}

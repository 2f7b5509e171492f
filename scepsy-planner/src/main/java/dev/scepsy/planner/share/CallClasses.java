package dev.scepsy.planner.share;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.LeafCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Finds models that play several roles in a workflow. Candidates are told apart by agent, each with at least {@value #LEAST_PART} of
 * the model's calls, else by two modes of lengths ({@link CallSplit#ofModes}).
 *
 * <p>The classes are kept where they can change a plan. Where the engine model knows the model, it says so ({@link SplitEffect}). Else they
 * are kept where mean prompts or answers of two of them are at least {@value
 * #LEAST_RATIO} times apart (then the mean call is one that nobody makes: its prefill, its decoding and the memory it holds are
 * those of no real call, and they scale differently with GPU, fraction and tensor parallelism), or where
 *
 * <pre>
 *   |Σ_c κ_c T_c − κ_m T_m| / κ_m T_m  ≥ {@value #LEAST_DIFFERENCE}
 * </pre>
 *
 * for T = output tokens (an engine whose time is decoding) or T = output + input / {@value #PROMPT_TOKENS_PER_TOKEN} tokens (one that
 * reads long prompts): the critical path then holds another mix of calls than the load does.
 *
 * <p>Pure; stateless.
 */
public final class CallClasses {

    private static final double LEAST_PART = 0.05;
    private static final double LEAST_RATIO = 2;
    private static final double LEAST_DIFFERENCE = 0.05;

    /** Prompt tokens that cost a busy engine as much as generating one: compute against bandwidth, see docs/reference/prediction.md. */
    private static final double PROMPT_TOKENS_PER_TOKEN = 20;

    /** Classes of one model; smaller ones share the last. */
    private static final int MOST_CLASSES = 8;

    /** No model's name has it. */
    private static final char SEPARATOR = '\u0000';

    private CallClasses() {}

    /** How the calls to each model of a workflow could be told apart; models with one kind of call are absent. */
    public static Map<String, CallSplit> candidates(AgentCalls agents, List<ExecutionShares> executions) {
        Map<String, CallSplit> splits = new TreeMap<>();
        Map<String, List<ModelUse>> uses = new HashMap<>();
        for (ExecutionShares execution : executions) {
            for (ModelUse use : execution.models()) {
                uses.computeIfAbsent(use.model(), model -> new ArrayList<>()).add(use);
            }
        }
        uses.forEach((model, own) -> byAgent(agents.of(model))
                .or(() -> CallSplit.ofModes(lengths(own, false), false))
                .or(() -> CallSplit.ofModes(lengths(own, true), true))
                .ifPresent(split -> splits.put(model, split)));
        return splits;
    }

    private static Optional<CallSplit> byAgent(Map<String, AgentCalls.Lengths> agents) {
        Map<String, Long> calls = new HashMap<>();
        agents.forEach((agent, lengths) -> calls.put(agent, lengths.calls()));
        return byCalls(calls).map(split -> split);
    }

    /** By agent, an empty name for calls outside any. */
    static Optional<CallSplit.ByAgent> byCalls(Map<String, Long> agents) {
        long calls = agents.values().stream().mapToLong(Long::longValue).sum();
        List<Map.Entry<String, Long>> large = agents.entrySet().stream()
                .filter(agent -> agent.getValue() >= LEAST_PART * calls)
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .limit(MOST_CLASSES - 1)
                .toList();
        TreeSet<String> names = new TreeSet<>();
        large.forEach(agent -> names.add(agent.getKey()));
        names.remove("");
        return large.size() < 2 ? Optional.empty() : Optional.of(new CallSplit.ByAgent(names));
    }

    private static int[] lengths(List<ModelUse> uses, boolean ofAnswers) {
        int count = 0;
        for (ModelUse use : uses) {
            count += ofAnswers ? use.outputTokens().length : use.inputTokens().length;
        }
        int[] lengths = new int[count];
        int at = 0;
        for (ModelUse use : uses) {
            int[] own = ofAnswers ? use.outputTokens() : use.inputTokens();
            System.arraycopy(own, 0, lengths, at, own.length);
            at += own.length;
        }
        return lengths;
    }

    /** What stands for a class of a model where a model is expected. */
    static String label(String model, String name) {
        return model + SEPARATOR + name;
    }

    /** The model of a label. */
    static String modelOf(String label) {
        return label.substring(0, label.indexOf(SEPARATOR));
    }

    /** The class of a label. */
    static String nameOf(String label) {
        return label.substring(label.indexOf(SEPARATOR) + 1);
    }

    /** The same execution, each agent's calls to a model as a model of its own. */
    static Execution.Complete byEachAgent(Execution.Complete execution) {
        return relabelled(execution, call -> {
            String model = call.model();
            String agent = call.agent();
            return model == null ? call : call.to(label(model, agent == null ? "" : agent));
        });
    }

    /** The same execution, each class of a model as a model of its own. */
    public static Execution.Complete relabelled(Execution.Complete execution, Map<String, CallSplit> splits) {
        return relabelled(execution, call -> {
            String model = call.model();
            CallSplit split = model == null ? null : splits.get(model);
            return model == null || split == null ? call : call.to(label(model, split.classOf(call)));
        });
    }

    private static Execution.Complete relabelled(Execution.Complete execution, UnaryOperator<LeafCall> each) {
        return new Execution.Complete(
                execution.id(),
                execution.workflow(),
                execution.startEpochNanos(),
                execution.endEpochNanos(),
                execution.calls().stream().map(each).toList(),
                execution.targetPerSecond(),
                execution.weight(),
                execution.origin());
    }

    /**
     * Calls of a model that could be told apart, and what became of it.
     *
     * @param classes their names
     * @param effect by which it was judged; null: by lengths and the critical path
     * @param kept whether they are told apart
     */
    public record Verdict(
            String model, List<String> classes, @Nullable SplitEffect effect, boolean kept) {
        public Verdict {
            classes = List.copyOf(classes);
        }
    }

    /** Statistics with the classes that matter, and how each model was judged that could have any. */
    public record Judged(WorkflowStatistics workflow, List<Verdict> verdicts) {
        public Judged {
            verdicts = List.copyOf(verdicts);
        }
    }

    /**
     * The statistics of a workflow with the classes that matter, taken from those of its {@link #relabelled} executions.
     *
     * @param engine judges where it knows the model
     */
    public static Judged in(
            WorkflowStatistics workflow, WorkflowStatistics relabelled, Demands.EngineSecondsPerCall engine) {
        Map<String, List<CallClass>> byModel = new TreeMap<>();
        for (ModelStatistics calls : relabelled.models()) {
            if (calls.model().indexOf(SEPARATOR) >= 0) {
                byModel.computeIfAbsent(modelOf(calls.model()), model -> new ArrayList<>())
                        .add(CallClass.of(nameOf(calls.model()), calls));
            }
        }
        return judged(workflow, byModel, engine);
    }

    /** The same of classes that are known. */
    static Judged judged(
            WorkflowStatistics workflow, Map<String, List<CallClass>> byModel, Demands.EngineSecondsPerCall engine) {
        List<ModelStatistics> models = new ArrayList<>();
        List<Verdict> verdicts = new ArrayList<>();
        for (ModelStatistics model : workflow.models()) {
            List<CallClass> classes = byModel.getOrDefault(model.model(), List.of());
            if (!canMatter(model, classes)) {
                models.add(model);
                continue;
            }
            SplitEffect effect = SplitEffect.of(workflow, model, classes, engine);
            boolean kept = effect == null ? matterByLength(model, classes) : effect.matters();
            models.add(kept ? model.with(classes) : model);
            verdicts.add(new Verdict(
                    model.model(), classes.stream().map(CallClass::name).toList(), effect, kept));
        }
        return new Judged(workflow.with(models), verdicts);
    }

    private static List<CallClass> large(ModelStatistics model, List<CallClass> classes) {
        return classes.stream()
                .filter(each -> each.callsPerExecution() >= LEAST_PART * model.callsPerExecution())
                .toList();
    }

    private static boolean canMatter(ModelStatistics model, List<CallClass> classes) {
        return large(model, classes).size() >= 2
                && classes.stream()
                        .allMatch(each -> each.inputTokens().isPresent()
                                && each.outputTokens().isPresent());
    }

    private static boolean matterByLength(ModelStatistics model, List<CallClass> classes) {
        List<CallClass> large = large(model, classes);
        return ratio(large, CallClasses::input) >= LEAST_RATIO
                || ratio(large, CallClasses::output) >= LEAST_RATIO
                || difference(model, classes, 0) >= LEAST_DIFFERENCE
                || difference(model, classes, 1 / PROMPT_TOKENS_PER_TOKEN) >= LEAST_DIFFERENCE;
    }

    private static double ratio(List<CallClass> classes, java.util.function.ToDoubleFunction<CallClass> length) {
        double most = classes.stream().mapToDouble(length).max().orElse(0);
        double least = classes.stream().mapToDouble(length).min().orElse(0);
        return most / Math.max(1, least);
    }

    private static double difference(ModelStatistics model, List<CallClass> classes, double perPromptToken) {
        double path = 0;
        double load = 0;
        for (CallClass each : classes) {
            double seconds = output(each) + perPromptToken * input(each);
            path += each.sequentialCalls() * seconds;
            load += each.callsPerExecution() * seconds;
        }
        double mean = load / model.callsPerExecution();
        double unsplit = model.sequentialCalls() * mean;
        return unsplit > 0 ? Math.abs(path - unsplit) / unsplit : path > 0 ? 1 : 0;
    }

    private static double input(CallClass each) {
        return each.inputTokens().map(TokenStatistics::mean).orElse(0.0);
    }

    private static double output(CallClass each) {
        return each.outputTokens().map(TokenStatistics::mean).orElse(0.0);
    }
}

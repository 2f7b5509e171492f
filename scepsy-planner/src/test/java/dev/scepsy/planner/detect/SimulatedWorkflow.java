package dev.scepsy.planner.detect;

import dev.scepsy.planner.share.ModelPart;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Executions' numbers as workflows of six kinds produce them, without spans: calls, times, tokens by model. What they have in common: an execution
 * has a difficulty, those after one another may be alike, times are lognormal or Pareto. Deterministic by seed.
 */
final class SimulatedWorkflow {

    static final long NANOS_PER_HOUR = 3_600_000_000_000L;

    /** The kinds of the issue, then worse ones. */
    enum Kind {
        RAG,
        BEAM_SEARCH,
        CODE_REPAIR,
        MULTI_TURN,
        TOOLS,
        DEBATE,
        PARETO_1_5,
        PARETO_2,
        PARETO_2_5,
        CORRELATED,
        VERY_CORRELATED,
        SESSIONS,
        RARE_MODELS,
        DAY_AND_NIGHT
    }

    final Kind kind;
    private final SplittableRandom random;
    private final double perHour;
    private double difficulty;
    private int sessionLeft;
    private double session;
    private double normal;
    private boolean hasNormal;
    private long now;

    /** Multiplies the calls to {@link #changed}; 2 adds an execution's worth of calls, 0.5 leaves out each with even odds, 0 all. */
    double callsFactor = 1;

    /** Whether every call becomes two, instead of as many more as another execution has. */
    boolean doubledOneByOne;

    /** Multiplies its times. */
    double timeFactor = 1;

    /** Multiplies its output tokens. */
    double tokensFactor = 1;

    String changed = "";

    SimulatedWorkflow(Kind kind, long seed, double perHour) {
        this.kind = kind;
        this.random = new SplittableRandom(seed * 1_000 + kind.ordinal());
        this.perHour = perHour;
        this.now = 480_000L * NANOS_PER_HOUR;
    }

    /** End of the execution made last. */
    long now() {
        return now;
    }

    double hourOfDay() {
        return now % (24 * NANOS_PER_HOUR) / (double) NANOS_PER_HOUR;
    }

    /** The model whose calls a changed program asks for more often. */
    String criticalModel() {
        return switch (kind) {
            case RAG -> "generator";
            case BEAM_SEARCH -> "reward";
            case CODE_REPAIR -> "critic";
            case MULTI_TURN -> "guard";
            case TOOLS -> "planner";
            case DEBATE -> "debater";
            default -> "worker";
        };
    }

    List<ModelPart> next() {
        double day = Math.cos((hourOfDay() - 14) / 24 * 2 * Math.PI);
        now += (long) (exponential() / (perHour * (1 + 0.7 * day)) * NANOS_PER_HOUR);
        List<ModelPart> parts = execution();
        if (changed.isEmpty()) {
            return parts;
        }
        List<ModelPart> altered = new ArrayList<>();
        for (ModelPart part : parts) {
            if (!part.model().equals(changed)) {
                altered.add(part);
                continue;
            }
            int calls = part.calls();
            if (doubledOneByOne) {
                calls *= (int) callsFactor;
            } else if (callsFactor >= 2) {
                for (int more = 1; more < callsFactor; more++) {
                    for (ModelPart again : execution()) {
                        calls += again.model().equals(changed) ? again.calls() : 0;
                    }
                }
            } else if (callsFactor < 1) {
                int kept = 0;
                for (int i = 0; i < calls; i++) {
                    kept += random.nextDouble() < callsFactor ? 1 : 0;
                }
                calls = kept;
            }
            if (calls > 0) {
                double ratio = calls / (double) part.calls();
                altered.add(new ModelPart(
                        changed,
                        calls,
                        (long) (part.callNanos() * ratio * timeFactor),
                        (long) (part.busyNanos() * ratio * timeFactor),
                        (long) (part.pathNanos() * ratio * timeFactor),
                        (long) (part.inputTokens() * ratio),
                        calls,
                        (long) (part.outputTokens() * ratio * tokensFactor),
                        calls));
            }
        }
        return altered;
    }

    private List<ModelPart> execution() {
        difficulty(kind == Kind.VERY_CORRELATED ? 0.9 : kind == Kind.CORRELATED ? 0.6 : 0);
        return switch (kind) {
            case RAG ->
                List.of(
                        part("embedder", 1, 0.05, 0.2, 1, 40, 0),
                        part("generator", random.nextDouble() < 0.85 ? 1 : 2, 3, 0.7, 1, 2_500, 300),
                        part("reranker", 1, 0.3, 0.3, 1, 4_000, 0));
            case BEAM_SEARCH -> {
                int calls = (int) Math.min(844, Math.max(24, Math.exp(4.9 + 0.8 * gaussian())));
                yield List.of(
                        part("generator", calls, 1.2, 0.5, 8, 700, 60),
                        part(
                                "reward",
                                Math.max(1, (int) (calls * (0.8 + 0.2 * random.nextDouble()))),
                                0.2,
                                0.4,
                                6,
                                900,
                                1));
            }
            case CODE_REPAIR -> {
                int rounds = 1 + geometric(0.45, 15);
                List<ModelPart> parts = new ArrayList<>();
                parts.add(part("coder", rounds, 8, 0.8, 1, 3_000, 700));
                if (rounds > 1 || random.nextDouble() < 0.5) {
                    parts.add(part("critic", Math.max(1, rounds - 1), 3, 0.6, 1, 4_000, 200));
                }
                parts.add(part("planner", 1, 5, 0.5, 1, 1_500, 400));
                yield parts;
            }
            case MULTI_TURN -> {
                int turns = 1 + geometric(0.25, 60);
                yield List.of(
                        part("chat", turns, 2.5, 0.7, 1, 800 + 300.0 * turns, 250),
                        part("guard", turns, 0.15, 0.3, 1, 400, 3));
            }
            case TOOLS -> {
                int steps = (int) Math.min(400, pareto(1.8));
                List<ModelPart> parts = new ArrayList<>();
                parts.add(part("planner", steps, 2, 1.0, 1, 2_000, 120));
                if (random.nextDouble() < 0.3) {
                    parts.add(part("summariser", 1, 6, 0.9, 1, 9_000, 500));
                }
                yield parts;
            }
            case DEBATE -> {
                int rounds = 2 + random.nextInt(4);
                yield List.of(
                        part("debater", 3 * rounds, 4, 0.5, 2.7, 1_500, 350), part("judge", 1, 5, 0.5, 1, 5_000, 250));
            }
            case PARETO_1_5 -> pareto(1.5, 1);
            case PARETO_2 -> pareto(2, 1);
            case PARETO_2_5 -> pareto(2.5, 1);
            case CORRELATED, VERY_CORRELATED -> {
                int calls = Math.max(1, (int) Math.round(4 * Math.exp(0.5 * difficulty)));
                yield List.of(
                        part("helper", 2, 2, 0.5, 1, 900, 200),
                        part("worker", calls, 2 * Math.exp(0.3 * difficulty), 0.5, 1.5, 1_200, 150));
            }
            case SESSIONS -> {
                if (sessionLeft-- <= 0) {
                    sessionLeft = geometric(0.05, 200);
                    session = random.nextDouble() < 0.3 ? 1 : 0;
                }
                yield mixed(session);
            }
            case RARE_MODELS -> {
                List<ModelPart> parts = new ArrayList<>();
                if (random.nextDouble() < 0.001) {
                    parts.add(part("fallback", 1, 9, 0.5, 1, 900, 300));
                }
                if (random.nextDouble() < 0.02) {
                    parts.add(part("vision", 1, 4, 0.5, 1, 900, 300));
                }
                parts.add(part("worker", 1 + geometric(0.5, 9), 3, 0.6, 1, 900, 300));
                yield parts;
            }
            case DAY_AND_NIGHT -> {
                double hour = hourOfDay();
                yield mixed(random.nextDouble() < (hour >= 8 && hour < 20 ? 0.8 : 0.1) ? 1 : 0);
            }
        };
    }

    /** Two kinds of users: a few questions, or a long analysis. */
    private List<ModelPart> mixed(double heavy) {
        int calls = 1 + geometric(heavy > 0 ? 0.1 : 0.6, 80);
        return List.of(
                part("helper", 1, 2, 0.5, 1, 900, 200),
                part("worker", calls, heavy > 0 ? 4 : 2, 0.5, 1, heavy > 0 ? 4_000 : 900, heavy > 0 ? 400 : 150));
    }

    private List<ModelPart> pareto(double tail, double scale) {
        int calls = (int) Math.min(100_000, Math.floor(3 * pareto(tail)));
        return List.of(
                part("helper", 2, scale * pareto(tail), 0.1, 1, 900, 200),
                part("worker", calls, scale * pareto(tail), 0.1, 2, 1_200, 150));
    }

    /** Difficulty: standard normal, correlated with the one before by {@code correlation}. */
    private void difficulty(double correlation) {
        difficulty = correlation * difficulty + Math.sqrt(1 - correlation * correlation) * gaussian();
    }

    private ModelPart part(
            String model, int calls, double seconds, double spread, double parallel, double input, double output) {
        double each = seconds * Math.exp(spread * gaussian() / Math.sqrt(Math.min(calls, 16)));
        long nanos = (long) (1e9 * calls * each) + 1;
        double overlap = 1 + (parallel - 1) * (0.7 + 0.3 * random.nextDouble());
        long busy = (long) (nanos / Math.min(calls, overlap));
        double longer = Math.exp(0.5 * spread * gaussian() / Math.sqrt(Math.min(calls, 16)));
        return new ModelPart(
                model,
                calls,
                nanos,
                busy,
                busy,
                (long) (calls * input * longer),
                calls,
                (long) (calls * output * longer),
                output > 0 ? calls : 0);
    }

    private int geometric(double stop, int most) {
        int count = (int) (Math.log(1 - random.nextDouble()) / Math.log(1 - stop));
        return Math.min(count, most);
    }

    private double pareto(double tail) {
        return Math.pow(1 - random.nextDouble(), -1 / tail);
    }

    private double exponential() {
        return -Math.log(1 - random.nextDouble());
    }

    /** G. Marsaglia's polar method: SplittableRandom of Java 17 has a slower one of its own for generators in general. */
    private double gaussian() {
        if (hasNormal) {
            hasNormal = false;
            return normal;
        }
        double x;
        double y;
        double s;
        do {
            x = 2 * random.nextDouble() - 1;
            y = 2 * random.nextDouble() - 1;
            s = x * x + y * y;
        } while (s >= 1 || s == 0);
        double factor = Math.sqrt(-2 * Math.log(s) / s);
        normal = y * factor;
        hasNormal = true;
        return x * factor;
    }
}

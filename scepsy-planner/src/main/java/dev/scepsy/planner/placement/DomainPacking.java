package dev.scepsy.planner.placement;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Exact packing of groups that share their GPUs: {@link BinCompletion} whose bins are whole domains, cut by the inequalities
 * of {@link PackingCuts}: those known, and once a question takes long, those made for what is left.
 */
final class DomainPacking extends BinCompletion {

    /** A replica and its GPUs, by their places in the sorted {@link DomainState}. */
    record Group(int shape, int[] gpus) {}

    /** A domain of the kind and all that stands in it. */
    record Filled(int kind, List<Group> groups) {}

    /** A question that took so many steps has a programme solved at every state. */
    private static final long STEPS_WITHOUT_PROGRAMMES = 1_000;

    private final DomainFit[] fit;
    private final GpuBins bins;
    private final PackingCuts.ByCaps cutsByCaps;
    private final int[] domains;
    private @Nullable PackingCuts cuts;

    /** @param items shapes; counts are asked in their order */
    DomainPacking(Shapes shapes, DomainKinds kinds, int[] items) {
        this(
                shapes,
                kinds,
                items,
                IntStream.range(0, kinds.size())
                        .mapToObj(kind -> new DomainFit(shapes, kinds, kind, items))
                        .toArray(DomainFit[]::new));
    }

    private DomainPacking(Shapes shapes, DomainKinds kinds, int[] items, DomainFit[] fit) {
        super(
                fit,
                kinds.counts(),
                Arrays.stream(items).mapToDouble(shapes::gpus).toArray());
        this.fit = fit;
        this.domains = kinds.counts();
        this.bins = new GpuBins(shapes, kinds, items);
        this.cutsByCaps = new PackingCuts.ByCaps(
                bins, Arrays.stream(items).map(shapes::tensorParallel).toArray());
    }

    /** Whether so many fit; false also when the work budget ends first, which the budget then tells. */
    boolean solve(int[] replicas, WorkBudget within) {
        cuts = cutsByCaps.of(replicas).orElse(null);
        if (cuts != null) {
            int[] shards = cutsByCaps.shards(replicas);
            int[] gpus = bins.inAll(domains);
            if (cuts.refuted(shards, gpus)) {
                return false;
            }
            if (!within.spend(PackingCuts.STEPS) || cuts.refute(shards, gpus)) {
                return false;
            }
        }
        return complete(replicas, within);
    }

    /** The same without learning inequalities, which of a few domains cost more than they save. */
    boolean solvePlainly(int[] replicas, WorkBudget within) {
        cuts = null;
        return complete(replicas, within);
    }

    /** One per domain used, after {@link #solve} said yes. */
    List<Filled> packing() {
        return fills().stream()
                .map(fill -> new Filled(fill.kind(), fit[fill.kind()].groups(fill.replicas())))
                .toList();
    }

    @Override
    boolean refuted(int[] left, int[] binsLeft) {
        return cuts != null && cuts.refuted(cutsByCaps.shards(left), bins.inAll(binsLeft));
    }

    @Override
    boolean refutedAtLength(int[] left, int[] binsLeft, WorkBudget within) {
        return cuts != null
                && within.spent() > STEPS_WITHOUT_PROGRAMMES
                && (!within.spend(PackingCuts.STEPS) || cuts.refute(cutsByCaps.shards(left), bins.inAll(binsLeft)));
    }
}

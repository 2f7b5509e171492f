package dev.scepsy.planner.placement;

import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.search.choice.Placeability.Arrangement;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Domain;
import dev.scepsy.planner.topology.HostUnits;
import dev.scepsy.planner.topology.Occupied;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The cluster's GPUs while replicas are being put on them. Mutable, not thread-safe. */
final class Board {

    /** One replica on its GPUs; {@code gpus} are positions within the domain, ascending. */
    static final class Standing {
        final int model;
        final int shape;
        /** Whether it stood there before, and is to stay. */
        final boolean kept;

        int domain;
        int[] gpus;

        Standing(int model, int shape, int domain, int[] gpus, boolean kept) {
            this.model = model;
            this.shape = shape;
            this.kept = kept;
            this.domain = domain;
            this.gpus = gpus;
        }
    }

    private final Shapes shapes;
    private final List<Domain> domains;
    private final int[] node;
    private final int[] rack;
    private final int nodes;
    private final int racks;
    private final long[][] computeLeft;
    private final long[][] memoryLeft;
    private final int[] untouched;
    private final long[][] hostLeft;
    private final List<Standing> standing = new ArrayList<>();

    Board(Cluster cluster, Shapes shapes) {
        this.shapes = shapes;
        this.domains = cluster.domains();
        int count = domains.size();
        this.node = new int[count];
        this.rack = new int[count];
        this.computeLeft = new long[count][];
        this.memoryLeft = new long[count][];
        this.untouched = new int[count];
        this.hostLeft = new long[cluster.nodes().size()][];
        int lastNode = -1;
        for (int i = 0; i < count; i++) {
            Domain domain = domains.get(i);
            lastNode += domain.firstGpu() == 0 ? 1 : 0;
            hostLeft[lastNode] = shapes.host(domain.node());
            node[i] = lastNode;
            rack[i] = domain.rack();
            computeLeft[i] = new long[domain.gpus()];
            memoryLeft[i] = new long[domain.gpus()];
            Arrays.fill(computeLeft[i], shapes.computePerGpu());
            Arrays.fill(memoryLeft[i], shapes.memoryPerGpu(domain.node().gpu().name()));
            for (Occupied part : domain.node().occupied()) {
                int gpu = part.gpu() - domain.firstGpu();
                if (gpu >= 0 && gpu < domain.gpus()) {
                    computeLeft[i][gpu] -= shapes.compute(part);
                    memoryLeft[i][gpu] -= shapes.memory(domain.node(), part);
                }
            }
            untouched[i] = (int) Arrays.stream(computeLeft[i])
                    .filter(left -> left == shapes.computePerGpu())
                    .count();
        }
        this.nodes = lastNode + 1;
        this.racks = cluster.racks().size();
    }

    /** A board that stands alike; what is put on it is not put on this one. */
    Board copy() {
        Board copy = new Board(this);
        copy.standing.addAll(standing);
        return copy;
    }

    private Board(Board other) {
        this.shapes = other.shapes;
        this.domains = other.domains;
        this.node = other.node;
        this.rack = other.rack;
        this.nodes = other.nodes;
        this.racks = other.racks;
        this.computeLeft = Arrays.stream(other.computeLeft).map(long[]::clone).toArray(long[][]::new);
        this.memoryLeft = Arrays.stream(other.memoryLeft).map(long[]::clone).toArray(long[][]::new);
        this.untouched = other.untouched.clone();
        this.hostLeft = Arrays.stream(other.hostLeft).map(long[]::clone).toArray(long[][]::new);
    }

    int domains() {
        return domains.size();
    }

    Domain domain(int domain) {
        return domains.get(domain);
    }

    int node(int domain) {
        return node[domain];
    }

    int rack(int domain) {
        return rack[domain];
    }

    int nodes() {
        return nodes;
    }

    int racks() {
        return racks;
    }

    int untouched(int domain) {
        return untouched[domain];
    }

    /** What is left on the domain's GPUs, as a state of kind {@code kind}. */
    DomainState state(int domain, int kind) {
        return DomainState.of(kind, computeLeft[domain], memoryLeft[domain]);
    }

    boolean isUntouched(int domain, int gpu) {
        return computeLeft[domain][gpu] == shapes.computePerGpu();
    }

    long computeLeft(int domain, int gpu) {
        return computeLeft[domain][gpu];
    }

    long memoryLeft(int domain, int gpu) {
        return memoryLeft[domain][gpu];
    }

    /** Whether a shard of the shape has room on the GPU, and a replica of it on the node. */
    boolean holds(int domain, int gpu, int shape) {
        return computeLeft[domain][gpu] >= shapes.compute(shape)
                && memoryLeft[domain][gpu] >= shapes.memory(shape)
                && (!shapes.hostBinds() || nodeHolds(node[domain], shape));
    }

    private boolean nodeHolds(int at, int shape) {
        long[] needed = shapes.host(shape);
        for (int resource = 0; resource < needed.length; resource++) {
            if (hostLeft[at][resource] < needed[resource]) {
                return false;
            }
        }
        return true;
    }

    /** Whether processors or memory of some node could be what does not fit. */
    boolean hostBinds() {
        return shapes.hostBinds();
    }

    /** Units per resource left on a node beside its GPUs. */
    long[] hostLeft(int at) {
        return hostLeft[at];
    }

    /** A replica where a plan says it stands; empty where this cluster has no such place for it. */
    Optional<Standing> standing(int model, int shape, ReplicaPlacement at) {
        for (int domain = 0; domain < domains.size(); domain++) {
            Domain here = domains.get(domain);
            int first = here.firstGpu();
            if (here.node().name().equals(at.node())
                    && shapes.fits(shape, here)
                    && at.gpus().stream().allMatch(gpu -> gpu >= first && gpu < first + here.gpus())) {
                int[] gpus = at.gpus().stream()
                        .mapToInt(gpu -> gpu - first)
                        .distinct()
                        .sorted()
                        .toArray();
                return gpus.length == at.gpus().size()
                        ? Optional.of(new Standing(model, shape, domain, gpus, true))
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** Whether all of the replica's GPUs hold it. */
    boolean holds(Standing one) {
        return Arrays.stream(one.gpus).allMatch(gpu -> holds(one.domain, gpu, one.shape));
    }

    List<Standing> standing() {
        return standing;
    }

    void put(int model, int shape, int domain, int[] gpus) {
        put(new Standing(model, shape, domain, gpus, false));
    }

    void put(Standing one) {
        int shape = one.shape;
        int domain = one.domain;
        int[] gpus = one.gpus;
        for (int gpu : gpus) {
            if (isUntouched(domain, gpu)) {
                untouched[domain]--;
            }
            computeLeft[domain][gpu] -= shapes.compute(shape);
            memoryLeft[domain][gpu] -= shapes.memory(shape);
        }
        long[] needed = shapes.host(shape);
        for (int resource = 0; resource < needed.length; resource++) {
            if (hostLeft[node[domain]][resource] != HostUnits.UNLIMITED) {
                hostLeft[node[domain]][resource] -= needed[resource];
            }
        }
        standing.add(one);
    }

    /** Numbers every model's replicas by where they stand. */
    Arrangement arrangement(List<String> models) {
        List<Standing> sorted = new ArrayList<>(standing);
        sorted.sort(Comparator.<Standing>comparingInt(s -> s.model)
                .thenComparingInt(s -> s.domain)
                .thenComparing(s -> s.gpus, Arrays::compare));
        List<ReplicaPlacement> placements = new ArrayList<>(sorted.size());
        int replica = 0;
        for (int i = 0; i < sorted.size(); i++) {
            Standing at = sorted.get(i);
            replica = i > 0 && sorted.get(i - 1).model == at.model ? replica + 1 : 0;
            Domain domain = domains.get(at.domain);
            placements.add(new ReplicaPlacement(
                    models.get(at.model),
                    replica,
                    domain.node().name(),
                    Arrays.stream(at.gpus)
                            .mapToObj(gpu -> domain.firstGpu() + gpu)
                            .toList()));
        }
        return new Arrangement(placements, Arrays.stream(untouched).max().orElse(0));
    }
}

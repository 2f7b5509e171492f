package dev.scepsy.planner.search.explain;

/** Numbers of what is said of plans, and of how hard remedies are looked for. */
final class ExplainConstants {

    /** Next-best shapes told of each model. */
    static final int ALTERNATIVES = 2;

    /** Faster choices asked about one by one whether nodes' processors or memory keep the model from them. */
    static final int MOST_BEYOND_HOSTS = 200;

    /** A part of the objective below which a gain is rounding of the model's numbers rather than a reason. */
    static final double NOTICEABLE = 1e-6;

    /** A part of the objective below which one more GPU brings nothing. */
    static final double NO_GAIN = 1e-9;

    /** GPUs: less than this is none. */
    static final double NO_GPU = 1e-9;

    /** GiB: less than this is none. */
    static final double NO_MEMORY = 1e-6;

    /** Partial plans looked at for a plan on the nodes that are left when one fails. */
    static final long FAILURE_NODES = 20_000;

    /** Partial plans looked at for each remedy. */
    static final long REMEDY_NODES = 20_000;

    /** The same beyond {@link #LARGE_GPUS}. */
    static final long LARGE_REMEDY_NODES = 2_000;

    /** GPUs beyond which remedies are looked for with less work. */
    static final int LARGE_GPUS = 1_024;

    /** GPUs up to which adding some is a remedy, at least. */
    static final int MOST_ADDED_GPUS = 4_096;

    /** The same in multiples of the cluster, where that is more. */
    static final int MOST_ADDED_TIMES = 8;

    /** Nodes whose limits would have to grow by more than this are no remedy. */
    static final int MOST_HOST_TIMES = 1_000;

    /** On large clusters: part of the GPUs of the first step beyond what is needed for sure. */
    static final int FIRST_PARTS = 128;

    /** On large clusters: the fewest GPUs are known to one part in so many. */
    static final int WITHIN_PARTS = 200;

    /** On large clusters: replica bounds are taken back in so many tries at most. */
    static final int LARGE_TAKINGS_BACK = 40;

    /** Step of the utilisation limit that is tried. */
    static final double HUNDREDTHS = 0.01;

    /** Steps, or GPUs: what lies this close to a whole number is that number. */
    static final double STEP_ROUNDING = 1e-9;

    private ExplainConstants() {}
}

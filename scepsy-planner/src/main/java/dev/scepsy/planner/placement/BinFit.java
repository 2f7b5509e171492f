package dev.scepsy.planner.placement;

/** Whether so many replicas of each shape fit into one bin, a domain or a node. */
interface BinFit {

    /** Whether the counts fit together; false also when the work budget ends first, which the budget then tells. */
    boolean fits(int[] replicas, WorkBudget work);

    /** The most replicas of one shape that fit without any other. */
    int alone(int item);
}

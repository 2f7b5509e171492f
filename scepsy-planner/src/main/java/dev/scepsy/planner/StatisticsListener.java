package dev.scepsy.planner;

import dev.scepsy.planner.share.Drift;
import dev.scepsy.planner.share.WorkflowShares;
import java.util.List;

/**
 * Is told whenever new statistics are published; where planning and pushing are joined on. Called on the planner's thread,
 * one call at a time; what it throws is counted and logged, and stops nothing.
 */
@FunctionalInterface
public interface StatisticsListener {

    /**
     * New statistics.
     *
     * @param shares the window as it is now
     * @param drift what has changed, significantly and largely, since the statistics that were last accepted; empty when
     *     nothing has
     */
    void published(WorkflowShares shares, List<Drift> drift);
}

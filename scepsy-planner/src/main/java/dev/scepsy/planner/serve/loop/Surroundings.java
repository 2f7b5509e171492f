package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.engines.EngineLoads;
import dev.scepsy.planner.serve.journal.Store;
import dev.scepsy.planner.serve.observe.Observations;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.util.Optional;

/** What the loop's parts share. */
record Surroundings(
        ServeSettings settings,
        Observations observations,
        EngineLoads loads,
        Store store,
        ServiceTime clock,
        Ages ages,
        Optional<ClusterPort> port,
        Problems problems,
        Suspects suspects,
        Failures failures,
        Stages stages) {}

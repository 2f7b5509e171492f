package dev.scepsy.samples.cluster;

import dev.scepsy.samples.cluster.real.OnRealKubernetes;
import dev.scepsy.samples.cluster.real.RealCluster;

/** The tests of {@link ReconciliationIT} against a real API server. */
@OnRealKubernetes
class RealReconciliationIT extends ReconciliationIT {

    @Override
    ClusterUnderTest startCluster() {
        return RealCluster.start();
    }
}

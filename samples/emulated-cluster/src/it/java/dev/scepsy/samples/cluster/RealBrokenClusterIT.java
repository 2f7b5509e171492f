package dev.scepsy.samples.cluster;

import dev.scepsy.samples.cluster.real.OnRealKubernetes;
import dev.scepsy.samples.cluster.real.RealCluster;

/** The tests of {@link BrokenClusterIT} against a real API server. */
@OnRealKubernetes
class RealBrokenClusterIT extends BrokenClusterIT {

    @Override
    ClusterUnderTest startCluster() {
        return RealCluster.start();
    }
}

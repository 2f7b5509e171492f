package dev.scepsy.samples.cluster;

import dev.scepsy.samples.cluster.real.OnRealKubernetes;
import dev.scepsy.samples.cluster.real.RealCluster;

/** The tests of {@link ApplyAgainstEmulatedClusterIT} against a real API server. */
@OnRealKubernetes
class RealApplyIT extends ApplyAgainstEmulatedClusterIT {

    @Override
    ClusterUnderTest startCluster() {
        return RealCluster.start();
    }
}

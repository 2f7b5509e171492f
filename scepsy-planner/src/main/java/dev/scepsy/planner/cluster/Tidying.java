package dev.scepsy.planner.cluster;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The end of a push: labels, and objects that nothing uses any more. */
final class Tidying {

    private final KubernetesCluster cluster;
    private final Patience patience;
    private final boolean forceConflicts;

    Tidying(KubernetesCluster cluster, Patience patience, boolean forceConflicts) {
        this.cluster = cluster;
        this.patience = patience;
        this.forceConflicts = forceConflicts;
    }

    /**
     * Labels what stayed with the plan, and removes what nothing uses any more.
     *
     * @param intents all that may have objects here
     */
    void tidy(Intent target, List<Intent> intents) throws PushInterruptedException, PushFailedException {
        LiveEngines live = patience.call(cluster::engines);
        Manifests manifests = Manifests.of(target);
        for (var deployment : manifests.deployments()) {
            String template = deployment.getMetadata().getAnnotations().get(Names.TEMPLATE);
            boolean same = live.groups().stream()
                    .anyMatch(group ->
                            group.deployment().equals(deployment.getMetadata().getName())
                                    && group.template().equals(template));
            if (same) {
                patience.run(() -> cluster.apply(deployment, forceConflicts));
            }
        }
        for (LiveEngines.Group group : live.groups()) {
            if (!target.engines().contains(group.engine())) {
                patience.run(() -> cluster.deleteDeployment(group.deployment()));
            }
        }
        Set<String> wanted = Stream.concat(manifests.services().stream(), manifests.router().services().stream())
                .map(service -> service.getMetadata().getName())
                .collect(Collectors.toSet());
        for (var service : patience.call(cluster::services)) {
            if (!wanted.contains(service.getMetadata().getName())) {
                patience.run(() -> cluster.deleteService(service.getMetadata().getName()));
            }
        }
        Set<String> budgets = Stream.concat(manifests.budgets().stream(), manifests.router().budgets().stream())
                .map(budget -> budget.getMetadata().getName())
                .collect(Collectors.toSet());
        for (var budget : patience.call(cluster::budgets)) {
            if (!budgets.contains(budget.getMetadata().getName())) {
                patience.run(() -> cluster.deleteBudget(budget.getMetadata().getName()));
            }
        }
        if (intents.stream().anyMatch(intent -> Manifests.of(intent).claimsGpus())) {
            Set<String> claims = manifests.claims(target.engines()).stream()
                    .map(claim -> claim.getMetadata().getName())
                    .collect(Collectors.toSet());
            for (String claim : patience.call(cluster::claims)) {
                if (!claims.contains(claim)) {
                    patience.run(() -> cluster.deleteClaim(claim));
                }
            }
        }
    }
}

package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import java.util.List;
import java.util.function.Function;

/** Who a router is that asks the Kubernetes API for engines: it may see the pods of its namespace, and nothing else. */
final class RouterAccount {

    private static final String RBAC = "rbac.authorization.k8s.io";

    private RouterAccount() {}

    static List<HasMetadata> objects(Function<String, ObjectMeta> meta) {
        String name = RouterDeployment.ACCOUNT;
        return List.of(
                new ServiceAccountBuilder().withMetadata(meta.apply(name)).build(),
                new RoleBuilder()
                        .withMetadata(meta.apply(name))
                        .withRules(new PolicyRuleBuilder()
                                .withApiGroups("")
                                .withResources("pods")
                                .withVerbs("get", "list", "watch")
                                .build())
                        .build(),
                new RoleBindingBuilder()
                        .withMetadata(meta.apply(name))
                        .withNewRoleRef(RBAC, "Role", name)
                        .addNewSubject()
                        .withKind("ServiceAccount")
                        .withName(name)
                        .withNamespace(meta.apply(name).getNamespace())
                        .endSubject()
                        .build());
    }
}

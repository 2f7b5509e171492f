package dev.scepsy.planner.cluster;

import dev.scepsy.planner.router.RoutedModel;
import dev.scepsy.planner.router.RouterKind;
import dev.scepsy.planner.router.RouterSettings;
import dev.scepsy.planner.router.Routing;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A {@link Routing} as the record of plans keeps it. Immutable. */
record StoredRouting(
        @Nullable String kind,
        int replicas,
        @Nullable String image,
        @Nullable String clusterDomain,
        int maxRequestKiB,
        int maxConnections,
        int dnsSeconds,
        @Nullable String gateway,
        List<RoutedModel> models) {

    /** Null where nothing routes: records of plans without a router stay as they were. */
    static @Nullable StoredRouting of(Routing routing) {
        RouterSettings settings = routing.settings();
        return routing.routes()
                ? new StoredRouting(
                        routing.kind().key(),
                        settings.replicas(),
                        settings.image().orElse(null),
                        settings.clusterDomain(),
                        settings.maxRequestKiB(),
                        settings.maxConnections(),
                        settings.dnsSeconds(),
                        settings.gateway().orElse(null),
                        routing.models())
                : null;
    }

    /** @throws IllegalArgumentException if it is none that was written */
    Routing routing() {
        RouterKind known = Optional.ofNullable(kind)
                .flatMap(RouterKind::of)
                .orElseThrow(
                        () -> new IllegalArgumentException("The recorded intent has a router of an unknown kind."));
        String domain = clusterDomain;
        if (domain == null
                || models == null
                || replicas < 1
                || maxRequestKiB < 1
                || maxConnections < 1
                || !models.stream().allMatch(StoredRouting::isWhole)) {
            throw new IllegalArgumentException("The recorded intent is damaged: its router is not whole.");
        }
        return Routing.of(
                new RouterSettings(
                        Optional.of(known),
                        replicas,
                        Optional.ofNullable(image),
                        domain,
                        maxRequestKiB,
                        maxConnections,
                        dnsSeconds,
                        Optional.ofNullable(gateway)),
                models);
    }

    private static boolean isWhole(@Nullable RoutedModel model) {
        return model != null && model.name() != null && model.service() != null && model.enginesService() != null;
    }
}

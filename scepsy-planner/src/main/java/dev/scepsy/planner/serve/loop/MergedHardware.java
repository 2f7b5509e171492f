package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.cluster.ClusterHardware;
import dev.scepsy.planner.cluster.GpuNode;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.serving.ClusterSkeleton;
import dev.scepsy.planner.serving.LiveHardware;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What file and server say of the hardware together: the file says racks, domains and sharing, the server what is there. Differences are
 * warnings: nodes of the file that are not there or take no engines are left out, nodes that only the server has are added as their labels
 * describe them, fewer GPUs than the file says count.
 */
final class MergedHardware {

    private MergedHardware() {}

    static Reading<ClusterFile.Described> of(
            Optional<Reading<ClusterFile.Described>> file, ClusterHardware hardware, String name) {
        if (file.isEmpty()) {
            return LiveHardware.read(name, hardware, Catalogue.builtIn());
        }
        if (!(file.get() instanceof Reading.Legal<ClusterFile.Described> legal)) {
            return file.get();
        }
        List<Problem> told = new ArrayList<>(legal.warnings());
        Map<String, GpuNode> there = new HashMap<>();
        hardware.nodes().forEach(node -> there.put(node.name(), node));
        List<Rack> racks = new ArrayList<>();
        Set<String> described = new HashSet<>();
        for (Rack rack : legal.value().cluster().racks()) {
            List<Node> usable = new ArrayList<>();
            for (Node node : rack.nodes()) {
                described.add(node.name());
                usable(node, Optional.ofNullable(there.get(node.name())), name, told)
                        .ifPresent(usable::add);
            }
            if (!usable.isEmpty()) {
                racks.add(new Rack(rack.name(), usable));
            }
        }
        Map<String, GpuFacts> facts = new HashMap<>(legal.value().facts());
        List<GpuNode> further = hardware.nodes().stream()
                .filter(node -> !described.contains(node.name()))
                .toList();
        if (!further.isEmpty()
                && LiveHardware.read(name, new ClusterHardware(further, List.of()), Catalogue.builtIn())
                        instanceof Reading.Legal<ClusterFile.Described> live) {
            Set<String> taken = new HashSet<>(racks.stream().map(Rack::name).toList());
            live.value().cluster().racks().forEach(rack -> {
                racks.add(new Rack(
                        taken.contains(rack.name()) ? rack.name() + " (not in the file)" : rack.name(), rack.nodes()));
                rack.nodes()
                        .forEach(node -> told.add(new Problem(
                                name,
                                "",
                                0,
                                0,
                                "Node " + node.name()
                                        + " is not in the cluster file: it is taken as its labels describe it.")));
            });
            live.value().facts().forEach(facts::putIfAbsent);
        }
        if (racks.isEmpty()) {
            told.add(new Problem(
                    name, "", 0, 0, "No node of the cluster file takes engines now, so there is nothing to plan on."));
            return new Reading.Malformed<>(told, List.of());
        }
        return new Reading.Legal<>(new ClusterFile.Described(new Cluster(racks), facts), legal.source(), told);
    }

    /** Nodes of the file that plans do without. */
    static List<ClusterPort.LeftOut> leftOut(Optional<Reading<ClusterFile.Described>> file, ClusterHardware hardware) {
        Map<String, GpuNode> there = new HashMap<>();
        hardware.nodes().forEach(node -> there.put(node.name(), node));
        List<ClusterPort.LeftOut> left = new ArrayList<>();
        file.flatMap(Reading::legalValue)
                .ifPresent(described -> described
                        .cluster()
                        .racks()
                        .forEach(rack -> rack.nodes()
                                .forEach(node -> whyLeftOut(node, Optional.ofNullable(there.get(node.name())))
                                        .ifPresent(why -> left.add(new ClusterPort.LeftOut(rack.name(), node, why))))));
        return left;
    }

    private static Optional<String> whyLeftOut(Node node, Optional<GpuNode> live) {
        if (live.isEmpty()) {
            return Optional.of(
                    "Node " + node.name() + " of the cluster file is left out: the server has none with GPUs.");
        }
        return ClusterSkeleton.open(live.get())
                ? Optional.empty()
                : Optional.of("Node " + node.name() + " is left out: "
                        + String.join("; ", live.get().obstacles()) + ".");
    }

    private static Optional<Node> usable(Node node, Optional<GpuNode> live, String name, List<Problem> told) {
        Optional<String> why = whyLeftOut(node, live);
        if (live.isEmpty() || why.isPresent()) {
            told.add(new Problem(name, "", 0, 0, why.orElseThrow()));
            return Optional.empty();
        }
        int gpus = Math.min(live.get().gpus(), live.get().use().allocatable());
        if (gpus >= node.gpus()) {
            return Optional.of(node);
        }
        told.add(new Problem(
                name,
                "",
                0,
                0,
                "Node " + node.name() + " offers " + gpus + " GPUs and not the " + node.gpus()
                        + " of the cluster file: the fewer count."));
        return Optional.of(new Node(
                node.name(),
                node.gpu(),
                gpus,
                Math.min(gpus, node.domainSize()),
                node.sharing(),
                node.occupied().stream().filter(part -> part.gpu() < gpus).toList(),
                node.host()));
    }
}

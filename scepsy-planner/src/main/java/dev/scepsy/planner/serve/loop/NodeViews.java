package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.serve.loop.Operations.NodeView;
import dev.scepsy.planner.serve.loop.Operations.OccupiedView;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Nodes as they are shown. */
public final class NodeViews {

    private NodeViews() {}

    /** Those of a cluster file, all of them usable. */
    public static List<NodeView> of(ClusterFile.Described hardware) {
        List<NodeView> views = new ArrayList<>();
        for (Rack rack : hardware.cluster().racks()) {
            rack.nodes().forEach(node -> views.add(of(node, rack.name(), null)));
        }
        return views;
    }

    /** Those that are planned on, and those that are left out. */
    static List<NodeView> of(ClusterPort.Look look) {
        List<NodeView> views = new ArrayList<>();
        look.hardware().legalValue().ifPresent(hardware -> views.addAll(of(hardware)));
        look.leftOut().forEach(left -> views.add(of(left.node(), left.rack(), left.why())));
        return views;
    }

    private static NodeView of(Node node, String rack, @Nullable String why) {
        return new NodeView(
                node.name(),
                rack,
                node.gpu().name(),
                node.gpus(),
                node.domainSize(),
                node.gpu().memoryGiB(),
                mode(node.sharing()),
                why == null,
                why,
                node.occupied().stream()
                        .map(part ->
                                new OccupiedView(part.gpu(), part.gpuFraction().toDouble(), part.memoryGiB()))
                        .toList());
    }

    private static String mode(Sharing sharing) {
        if (sharing instanceof Sharing.Grid grid) {
            return grid.mode().name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
        if (sharing instanceof Sharing.EqualParts parts) {
            return parts.mode().name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
        return "none";
    }
}

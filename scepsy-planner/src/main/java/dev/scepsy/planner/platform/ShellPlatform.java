package dev.scepsy.planner.platform;

import static dev.scepsy.planner.platform.Capabilities.partly;
import static dev.scepsy.planner.platform.Capabilities.yes;

import dev.scepsy.planner.platform.Rendering.Obstacles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Plain hosts: one Bash script per node that starts, drains and shows its engines as processes. Engines that share a GPU start one after
 * the other, each when the one before it is ready; all others at a time.
 */
public final class ShellPlatform extends RenderedOnly {

    /** Where Scepsy's own MPS daemon listens, and where others are looked for: CUDA's own default. */
    static final String MPS_PIPE = "/tmp/nvidia-mps";

    @Override
    public String name() {
        return "shell";
    }

    @Override
    String byHand() {
        return "Run ./NODE.sh start on each node, and ./NODE.sh status to see what runs.";
    }

    @Override
    public Capabilities capabilities() {
        return Capabilities.of(
                yes("each script holds its own node's engines"),
                yes("`CUDA_VISIBLE_DEVICES` in the order of the bus"),
                partly("MPS percentage; nothing with `time-slicing`; refused with `hami`, `kai`, `dra`"),
                partly("MPS pinned memory limit; with `time-slicing` the engine's own limit"),
                yes("the next one starts when the one before it answers `/health`"));
    }

    @Override
    public Rendering render(PlacedPlan plan) {
        Obstacles obstacles = new Obstacles();
        HostSharing.check(plan, name(), obstacles);
        if (obstacles.any()) {
            return obstacles.refused();
        }
        Map<String, String> files = new LinkedHashMap<>();
        plan.byNode().forEach((node, engines) -> files.put(fileName(node), script(plan, node, engines)));
        List<String> notes = new ArrayList<>(HostSharing.notes(plan));
        notes.addAll(HostSharing.leftOut(plan));
        return new Rendering.Files(files, notes);
    }

    private static String fileName(String node) {
        return PlacedPlan.label(node, 63) + ".sh";
    }

    private static String script(PlacedPlan plan, String node, List<PlannedEngine> engines) {
        boolean mps = engines.stream().anyMatch(engine -> HostSharing.of(engine) == HostSharing.MPS);
        StringBuilder text = new StringBuilder();
        text.append("#!/usr/bin/env bash\n")
                .append("# Engines of plan ")
                .append(plan.planId())
                .append(" on node ")
                .append(PlacedPlan.label(node, 63))
                .append(", written by scepsy render --platform shell.\n")
                .append("# ")
                .append(fileName(node))
                .append(" start | stop | status: may be repeated; start also stops what the plan no longer has.\n")
                .append("# SCEPSY_HOST: address to listen on (default 127.0.0.1: engines know no passwords).\n")
                .append(
                        "# SCEPSY_STATE: folder of process numbers and logs. SCEPSY_DRAIN_SECONDS: time to finish requests.\n")
                .append("set -euo pipefail\n\n");
        set(text, "PLAN", plan.planId());
        set(text, "NODE", PlacedPlan.label(node, 63));
        text.append("SELF=$(readlink -f -- \"${BASH_SOURCE[0]}\")\n")
                .append("STATE=${SCEPSY_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/scepsy/$NODE}\n")
                .append("HOST=${SCEPSY_HOST:-127.0.0.1}\n")
                .append("DRAIN_SECONDS=${SCEPSY_DRAIN_SECONDS:-")
                .append(plan.options().drainSeconds())
                .append("}\n")
                .append("PROBE=$HOST\n")
                .append("if [ \"$HOST\" = 0.0.0.0 ]; then\n  PROBE=127.0.0.1\nfi\n\n")
                .append("export CUDA_DEVICE_ORDER=PCI_BUS_ID\n")
                .append("MPS=")
                .append(mps ? 1 : 0)
                .append('\n');
        if (mps) {
            text.append("export CUDA_MPS_PIPE_DIRECTORY=${CUDA_MPS_PIPE_DIRECTORY:-" + MPS_PIPE + "}\n")
                    .append("export CUDA_MPS_LOG_DIRECTORY=${CUDA_MPS_LOG_DIRECTORY:-$STATE/mps-log}\n");
        } else {
            // the functions below name it, and set -u would end them
            text.append("CUDA_MPS_PIPE_DIRECTORY=''\nCUDA_MPS_LOG_DIRECTORY=''\n");
        }
        text.append('\n');
        tables(text, plan, engines);
        text.append(
                "# Becomes the engine. Arguments are taken as they are written.\n# shellcheck disable=SC2016\nrun_engine() { # ENGINE\n  case \"$1\" in\n");
        engines.forEach(engine -> text.append(block(plan, engine)));
        text.append(
                "    *)\n      echo \"No engine ($1) in plan $PLAN on $NODE.\" >&2\n      exit 1\n      ;;\n  esac\n}\n\n");
        return text.append(BashText.probes())
                .append('\n')
                .append(Resources.text("node.sh"))
                .toString();
    }

    private static void tables(StringBuilder text, PlacedPlan plan, List<PlannedEngine> engines) {
        text.append("ENGINES=(").append(BashText.words(names(engines))).append(")\n");
        text.append("# Each group starts when all of the group before it are ready: its engines share no GPU.\n");
        text.append("WAVES=(");
        text.append(PlacedPlan.waves(engines).stream()
                .map(wave -> "\"" + String.join(" ", names(wave)) + "\"")
                .collect(Collectors.joining(" ")));
        text.append(")\n");
        text.append("PROGRAMS=(")
                .append(BashText.words(engines.stream()
                        .map(engine -> engine.launch().command().get(0))
                        .distinct()
                        .toList()))
                .append(")\n");
        table(text, "MODEL", engines, PlannedEngine::model);
        table(text, "GPUS", engines, PlannedEngine::gpuList);
        table(text, "PORT", engines, engine -> Integer.toString(engine.port()));
        table(
                text,
                "READY_SECONDS",
                engines,
                engine -> Integer.toString(engine.launch().readySeconds()));
        table(
                text,
                "DIGEST",
                engines,
                engine -> PlacedPlan.digest(block(plan, engine)).substring(0, 12));
        text.append('\n');
    }

    private static List<String> names(List<PlannedEngine> engines) {
        return engines.stream().map(PlannedEngine::name).toList();
    }

    private static void table(
            StringBuilder text,
            String name,
            List<PlannedEngine> engines,
            java.util.function.Function<PlannedEngine, String> value) {
        text.append("declare -A ").append(name).append("=(");
        text.append(engines.stream()
                .map(engine -> "[" + engine.name() + "]=" + BashText.word(value.apply(engine)))
                .collect(Collectors.joining(" ")));
        text.append(")\n");
    }

    /** Variables of the engine's process beside those of all. */
    static Map<String, String> environment(PlannedEngine engine) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("CUDA_VISIBLE_DEVICES", engine.gpuList());
        if (HostSharing.of(engine) == HostSharing.MPS) {
            variables.put("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE", engine.threadPercentage());
            variables.put("CUDA_MPS_PINNED_DEVICE_MEM_LIMIT", engine.pinnedMemoryLimit());
        }
        return variables;
    }

    /** How the engine is started; another text, another digest, another engine: it is drained and started again. */
    private static String block(PlacedPlan plan, PlannedEngine engine) {
        StringBuilder text = new StringBuilder();
        text.append("    ").append(engine.name()).append(")\n");
        text.append("      # ")
                .append(engine.story().replaceAll("\\p{Cntrl}", " "))
                .append('\n');
        environment(engine)
                .forEach((name, value) -> text.append("      export ")
                        .append(name)
                        .append('=')
                        .append(BashText.word(value))
                        .append('\n'));
        if (HostSharing.of(engine) != HostSharing.MPS) {
            text.append("      unset CUDA_MPS_PIPE_DIRECTORY\n"); // its GPUs are its own
        }
        String folder = HostSharing.modelFolder(plan);
        if (!folder.isEmpty()) {
            text.append("      export HF_HOME=\"${HF_HOME:-")
                    .append(folder.replaceAll("([\"\\\\$`}])", "\\\\$1"))
                    .append("}\"\n");
        }
        String host = "\0host";
        List<String> arguments = new ArrayList<>(engine.argumentsWith("--port", Integer.toString(engine.port())));
        arguments.set(arguments.indexOf("--host") + 1, host);
        text.append("      exec ").append(BashText.words(engine.launch().command()));
        arguments.forEach(argument -> text.append(argument.startsWith("--") ? " \\\n        " : " ")
                .append(argument.equals(host) ? "\"$HOST\"" : BashText.word(argument)));
        return text.append("\n      ;;\n").toString();
    }

    private static void set(StringBuilder text, String name, String value) {
        text.append(name).append('=').append(BashText.word(value)).append('\n');
    }
}

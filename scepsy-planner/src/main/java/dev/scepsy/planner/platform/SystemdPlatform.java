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
 * Plain hosts with systemd: one unit per engine, ordered where engines share a GPU, a target for all, and a unit for the MPS daemon. A unit
 * counts as started when its engine answers, so that {@code After=} is an order of readiness.
 */
public final class SystemdPlatform extends RenderedOnly {

    private static final String HELPER = "/usr/local/lib/scepsy/engine.sh";
    private static final String SETTINGS = "/etc/scepsy/engines.env";
    private static final int STOP_SECONDS = 30;

    @Override
    public String name() {
        return "systemd";
    }

    @Override
    String byHand() {
        return "Install the units as the head of scepsy.target says, and see them by systemctl status 'scepsy-*'.";
    }

    @Override
    public Capabilities capabilities() {
        return Capabilities.of(
                yes("a folder of units per node"),
                yes("`CUDA_VISIBLE_DEVICES` in the order of the bus"),
                partly("MPS percentage; nothing with `time-slicing`; refused with `hami`, `kai`, `dra`"),
                partly("MPS pinned memory limit; with `time-slicing` the engine's own limit"),
                partly("`After=` and a start that ends with `/health`; not when one engine restarts by itself"));
    }

    @Override
    public Rendering render(PlacedPlan plan) {
        Obstacles obstacles = new Obstacles();
        HostSharing.check(plan, name(), obstacles);
        if (obstacles.any()) {
            return obstacles.refused();
        }
        Map<String, String> files = new LinkedHashMap<>();
        Map<String, List<PlannedEngine>> byNode = plan.byNode();
        byNode.forEach((node, engines) -> {
            String folder = byNode.size() == 1 ? "" : PlacedPlan.label(node, 63) + "/";
            boolean mps = engines.stream().anyMatch(engine -> HostSharing.of(engine) == HostSharing.MPS);
            files.put(folder + "scepsy.target", target(plan, node));
            files.put(folder + "engines.env", settings(plan));
            files.put(folder + "engine.sh", helper());
            if (mps) {
                files.put(folder + "scepsy-mps.service", mpsUnit());
            }
            engines.forEach(engine -> files.put(folder + unitName(engine), unit(plan, engine, engines)));
        });
        List<String> notes = new ArrayList<>(HostSharing.notes(plan));
        notes.addAll(HostSharing.leftOut(plan));
        return new Rendering.Files(files, notes);
    }

    private static String unitName(PlannedEngine engine) {
        return "scepsy-" + engine.name() + ".service";
    }

    private static String target(PlacedPlan plan, String node) {
        return """
                # Engines of plan %s on node %s, written by scepsy render --platform systemd. In this folder, as root:
                #   useradd --system --create-home --home-dir /var/lib/scepsy scepsy
                #   install -D -m 755 engine.sh %s
                #   install -D -m 640 -g scepsy engines.env %s
                #   install -m 644 scepsy* /etc/systemd/system/ && systemctl daemon-reload
                #   systemctl enable --now scepsy.target 'scepsy-*.service'
                # A unit of an older plan that this one lacks is stopped by: systemctl disable --now UNIT
                [Unit]
                Description=Engines of Scepsy's plan %s

                [Install]
                WantedBy=multi-user.target
                """.formatted(plan.planId(), PlacedPlan.label(node, 63), HELPER, SETTINGS, plan.planId());
    }

    private static String settings(PlacedPlan plan) {
        String folder = HostSharing.modelFolder(plan);
        return """
                # Read by every unit. Engines know no passwords: other addresses than this host's only behind a firewall.
                SCEPSY_HOST=127.0.0.1
                # Where vllm is found.
                PATH=/opt/vllm/bin:/usr/local/bin:/usr/bin:/bin
                CUDA_DEVICE_ORDER=PCI_BUS_ID
                """ + (folder.isEmpty() ? "" : "HF_HOME=" + quoted(folder) + "\n");
    }

    private static String helper() {
        return """
                #!/usr/bin/env bash
                # engine.sh await PORT: ends when the engine there is ready; systemd gives it up after TimeoutStartSec.
                # engine.sh drain PORT SECONDS: ends when the engine there has finished its requests.
                set -euo pipefail

                PROBE=${SCEPSY_HOST:-127.0.0.1}
                if [ "$PROBE" = 0.0.0.0 ]; then
                  PROBE=127.0.0.1
                fi
                """ + BashText.probes() + """

                case "${1-}" in
                  await)
                    until healthy "$2"; do
                      sleep 1
                    done
                    ;;
                  drain) drain "$2" "$3" ;;
                  *)
                    echo "usage: $0 await PORT | drain PORT SECONDS" >&2
                    exit 1
                    ;;
                esac
                """;
    }

    private static String mpsUnit() {
        return """
                # CUDA MPS for the engines that share a GPU.
                [Unit]
                Description=CUDA MPS for Scepsy's engines
                PartOf=scepsy.target

                [Service]
                Type=exec
                User=scepsy
                EnvironmentFile=%s
                Environment=CUDA_MPS_PIPE_DIRECTORY=%s CUDA_MPS_LOG_DIRECTORY=/var/lib/scepsy/mps-log
                ExecStartPre=/usr/bin/env mkdir -p %s /var/lib/scepsy/mps-log
                ExecStart=/usr/bin/env nvidia-cuda-mps-control -f
                Restart=on-failure
                RestartSec=5

                [Install]
                WantedBy=scepsy.target
                """.formatted(SETTINGS, ShellPlatform.MPS_PIPE, ShellPlatform.MPS_PIPE);
    }

    private static String unit(PlacedPlan plan, PlannedEngine engine, List<PlannedEngine> ofItsNode) {
        boolean mps = HostSharing.of(engine) == HostSharing.MPS;
        List<String> after = new ArrayList<>(List.of("network-online.target"));
        if (mps) {
            after.add("scepsy-mps.service");
        }
        PlacedPlan.startsAfter(engine, ofItsNode).forEach(before -> after.add(unitName(before)));
        Map<String, String> environment = new LinkedHashMap<>(ShellPlatform.environment(engine));
        if (mps) {
            environment.put("CUDA_MPS_PIPE_DIRECTORY", ShellPlatform.MPS_PIPE);
        }
        StringBuilder text = new StringBuilder();
        line(text, "# " + engine.story().replaceAll("\\p{Cntrl}", " "));
        line(text, "[Unit]");
        line(text, "Description=Scepsy engine " + engine.name());
        line(text, "PartOf=scepsy.target");
        line(text, "Wants=network-online.target");
        if (mps) {
            line(text, "Requires=scepsy-mps.service");
        }
        line(text, "# Engines on the same GPU come one after the other: a start ends when /health answers.");
        line(text, "After=" + String.join(" ", after));
        line(text, "");
        line(text, "[Service]");
        line(text, "Type=exec");
        line(text, "User=scepsy");
        line(text, "EnvironmentFile=" + SETTINGS);
        line(
                text,
                "Environment="
                        + environment.entrySet().stream()
                                .map(variable -> quoted(variable.getKey() + "=" + variable.getValue()))
                                .collect(Collectors.joining(" ")));
        line(text, "ExecStart=/usr/bin/env " + commandLine(engine));
        line(text, "ExecStartPost=" + HELPER + " await " + engine.port());
        int drainSeconds = plan.options().drainSeconds();
        line(text, "ExecStop=" + HELPER + " drain " + engine.port() + " " + drainSeconds);
        line(text, "TimeoutStartSec=" + engine.launch().readySeconds());
        line(text, "TimeoutStopSec=" + (drainSeconds + STOP_SECONDS));
        line(text, "KillMode=mixed");
        line(text, "Restart=on-failure");
        line(text, "RestartSec=10");
        line(text, "");
        line(text, "[Install]");
        line(text, "WantedBy=scepsy.target");
        return text.toString();
    }

    private static String commandLine(PlannedEngine engine) {
        List<String> words = new ArrayList<>(engine.launch().command());
        List<String> arguments = new ArrayList<>(engine.argumentsWith("--port", Integer.toString(engine.port())));
        int host = arguments.indexOf("--host") + 1;
        for (int i = 0; i < arguments.size(); i++) {
            words.add(i == host ? "${SCEPSY_HOST}" : quotedArgument(arguments.get(i)));
        }
        return String.join(" ", words);
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append('\n');
    }

    /** A value of {@code Environment=}: {@code %} begins a specifier there. */
    static String quoted(String value) {
        return value.matches("[A-Za-z0-9_./:=,@+-]+")
                ? value
                : "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("%", "%%") + "\"";
    }

    /** A word of {@code ExecStart=}, where {@code $} begins a variable besides. */
    static String quotedArgument(String word) {
        return quoted(word).replace("$", "$$");
    }
}

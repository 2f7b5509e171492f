package dev.scepsy.planner.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.profile.ProfileKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What a campaign did, in a file beside its profiles, so that a killed one goes on: its name in the cluster, what it measured and
 * what failed and why. Mutable; every change is written at once.
 */
final class CampaignJournal {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final String campaign;
    private final Set<ProfileKey> measured = new LinkedHashSet<>();
    private final Map<ProfileKey, String> failed = new LinkedHashMap<>();

    private CampaignJournal(Path file, String campaign) {
        this.file = file;
        this.campaign = campaign;
    }

    /** The journal beside {@code out}; a new one where there is none or it cannot be understood. */
    static CampaignJournal beside(Path out) throws IOException {
        Path file = out.resolveSibling("." + out.getFileName() + ".campaign.json");
        JsonNode root = JSON.createObjectNode();
        if (Files.exists(file)) {
            try {
                root = JSON.readTree(file.toFile());
            } catch (JsonProcessingException e) {
                // begun anew: what was measured stands in the profiles
            }
        }
        String name = root.path("campaign").asText();
        CampaignJournal journal = new CampaignJournal(
                file, name.matches("[a-z0-9-]{1,40}") ? name : UUID.randomUUID().toString());
        for (JsonNode node : root.path("measured")) {
            journal.measured.add(key(node));
        }
        for (JsonNode node : root.path("failed")) {
            journal.failed.put(key(node), node.path("reason").asText());
        }
        return journal;
    }

    private static ProfileKey key(JsonNode node) {
        return new ProfileKey(
                node.path("model").asText(),
                node.path("gpu").asText(),
                Math.max(1, node.path("tensorParallel").asInt(1)),
                GpuFraction.of(node.path("gpuFraction").asDouble(1)));
    }

    /** A label value that no other campaign has. */
    String campaign() {
        return campaign;
    }

    /** Measured by this campaign, in this order. */
    Set<ProfileKey> measured() {
        return measured;
    }

    /** What could not be measured, and why. */
    Map<ProfileKey, String> failed() {
        return failed;
    }

    void measured(ProfileKey key) throws IOException {
        measured.add(key);
        write();
    }

    void failed(ProfileKey key, String reason) throws IOException {
        failed.put(key, reason);
        write();
    }

    /** Before anything is started: an engine of a campaign whose name is not written down could not be found again. */
    void write() throws IOException {
        WholeFile.write(
                file,
                Json.object(json -> json.field("campaign", campaign)
                        .objects("measured", measured, CampaignJournal::write)
                        .objects("failed", failed.entrySet(), (item, each) -> {
                            write(item, each.getKey());
                            item.field("reason", each.getValue());
                        })));
    }

    static void write(Json json, ProfileKey key) throws IOException {
        json.field("model", key.model())
                .field("gpu", key.gpu())
                .field("tensorParallel", key.tensorParallel())
                .field("gpuFraction", key.gpuFraction().toDouble());
    }
}

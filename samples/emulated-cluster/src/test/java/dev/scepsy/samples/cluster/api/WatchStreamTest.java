package dev.scepsy.samples.cluster.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatchStreamTest {
    private static final WriteOptions TEST = WriteOptions.by("test");
    private static final Target MAPS = new Target(ResourceKind.CONFIG_MAP, "default", "", "");

    private final ObjectStore store = new ObjectStore();
    private final Resources resources = new Resources(store, () -> Instant.EPOCH);
    private final List<String> events = new ArrayList<>();

    @BeforeEach
    void namespace() {
        ObjectNode namespace = JsonNodeFactory.instance.objectNode();
        namespace.withObject("/metadata").put("name", "default");
        resources.create(ResourceKind.NAMESPACE, "", namespace, TEST);
    }

    @Test
    void withoutAVersionItBeginsWithEverythingThereIs() {
        create("a", Map.of());
        create("b", Map.of());
        watch("", "");
        create("c", Map.of());

        assertThat(events).containsExactly("ADDED a", "ADDED b", "ADDED c");
    }

    @Test
    void fromAVersionItReplaysWhatCameAfter() {
        create("a", Map.of());
        String version = Long.toString(store.resourceVersion());
        create("b", Map.of());
        resources.delete(ResourceKind.CONFIG_MAP, "default", "a", DeleteOptions.background());
        watch("", version);

        assertThat(events).containsExactly("ADDED b", "DELETED a");
    }

    @Test
    void anObjectThatStopsMatchingIsDeletedForTheWatcher() {
        create("a", Map.of("colour", "red"));
        watch("colour=red", "");
        label("a", "blue");
        label("a", "green");
        label("a", "red");

        assertThat(events).containsExactly("ADDED a", "DELETED a", "ADDED a");
    }

    @Test
    void aVersionThatIsNoLongerKeptIsGone() {
        create("a", Map.of());
        for (int i = 0; i <= ObjectStore.KEPT_CHANGES; i++) {
            label("a", "colour-" + i);
        }
        watch("", "1");

        assertThat(events).containsExactly("ERROR 410");
    }

    @Test
    void aClosedWatchHearsNothing() {
        watch("", "").close();
        create("a", Map.of());

        assertThat(events).isEmpty();
    }

    @Test
    void listsComeInPagesThatJoinWithoutGaps() {
        for (int i = 0; i < 5; i++) {
            create("map-" + i, Map.of());
        }
        List<String> names = new ArrayList<>();
        String token = "";
        do {
            ObjectNode page = ObjectList.page(store, MAPS, Selector.everything(), 2, token);
            page.path("items")
                    .forEach(
                            item -> names.add(item.path("metadata").path("name").asText()));
            token = page.path("metadata").path("continue").asText("");
        } while (!token.isEmpty());

        assertThat(names).containsExactly("map-0", "map-1", "map-2", "map-3", "map-4");
    }

    private WatchStream watch(String labels, String version) {
        return new WatchStream(
                store,
                MAPS,
                Selector.ofLabels(labels),
                version,
                event -> events.add(event.path("type").asText() + " "
                        + event.path("object")
                                .path("metadata")
                                .path("name")
                                .asText(event.path("object").path("code").asText())));
    }

    private void create(String name, Map<String, String> labels) {
        ObjectNode map = JsonNodeFactory.instance.objectNode();
        map.withObject("/metadata").put("name", name);
        labels.forEach(map.withObject("/metadata/labels")::put);
        resources.create(ResourceKind.CONFIG_MAP, "default", map, TEST);
    }

    private void label(String name, String colour) {
        resources.edit(
                ResourceKind.CONFIG_MAP,
                resources.require(ResourceKind.CONFIG_MAP, "default", name),
                Resources.Part.WHOLE,
                "test",
                next -> next.withObject("/metadata/labels").put("colour", colour));
    }
}

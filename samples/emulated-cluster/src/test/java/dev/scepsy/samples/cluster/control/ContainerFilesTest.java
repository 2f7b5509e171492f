package dev.scepsy.samples.cluster.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.ObjectStore;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.api.WriteOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Config maps as files of this machine. */
class ContainerFilesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Resources resources = new Resources(new ObjectStore(), InstantSource.system());
    private final ContainerFiles files = ContainerFiles.create();

    @BeforeEach
    void write() throws IOException {
        resources.create(
                ResourceKind.NAMESPACE, "", object("{\"metadata\": {\"name\": \"default\"}}"), WriteOptions.by("test"));
        resources.create(ResourceKind.CONFIG_MAP, "default", object("""
                        {"metadata": {"name": "router"},
                         "data": {"haproxy.cfg": "lua-load /etc/router/a.lua\\nresolvers c\\n  parse-resolv-conf\\n  hold valid 1s\\n",
                                  "a.lua": "-- nothing"},
                         "binaryData": {"page": "AQID"}}"""), WriteOptions.by("test"));
    }

    @AfterEach
    void remove() {
        files.remove();
        assertThat(files.folder()).doesNotExist();
    }

    @Test
    void everyKeyIsAFileAndTheContainersPathsAreThisMachines() throws Exception {
        files.mount(resources, pod("{\"name\": \"router\"}"), "127.0.0.1:5353");
        String configuration = files.paths("-f=/etc/router/haproxy.cfg").substring(3);

        assertThat(Path.of(configuration)).startsWith(files.folder());
        assertThat(Files.readString(Path.of(configuration)))
                .isEqualTo("lua-load " + files.paths("/etc/router/a.lua")
                        + "\nresolvers c\n  nameserver cluster 127.0.0.1:5353\n  hold valid 1s\n");
        assertThat(Files.readAllBytes(Path.of(files.paths("/etc/router/page")))).containsExactly(1, 2, 3);
        assertThat(files.paths("/etc/routers /usr/etc/router /etc/router"))
                .startsWith("/etc/routers /usr/etc/router /")
                .doesNotEndWith(" /etc/router");
    }

    @Test
    void itemsAreThoseNamedUnderTheirPaths() throws Exception {
        files.mount(
                resources,
                pod("{\"name\": \"router\", \"items\": [{\"key\": \"a.lua\", \"path\": \"lua/b.lua\"}]}"),
                "127.0.0.1:5353");

        assertThat(Path.of(files.paths("/etc/router/lua/b.lua"))).hasContent("-- nothing");
        assertThat(Path.of(files.paths("/etc/router/haproxy.cfg"))).doesNotExist();
    }

    @Test
    void whatIsMissingIsNamedUnlessItIsOptional() throws Exception {
        assertThatThrownBy(() -> files.mount(resources, pod("{\"name\": \"none\"}"), "127.0.0.1:5353"))
                .isInstanceOf(ContainerFiles.NotMounted.class)
                .hasMessageContaining("configmap \"none\" not found");
        assertThatThrownBy(() -> files.mount(
                        resources,
                        pod("{\"name\": \"router\", \"items\": [{\"key\": \"c\", \"path\": \"c\"}]}"),
                        "127.0.0.1:5353"))
                .hasMessageContaining("non-existent config key: c");
        assertThatThrownBy(() -> files.mount(
                        resources,
                        pod("{\"name\": \"router\", \"items\": [{\"key\": \"a.lua\", \"path\": \"../../../a\"}]}"),
                        "127.0.0.1:5353"))
                .hasMessageContaining("leaves the volume");
        files.mount(resources, pod("{\"name\": \"none\", \"optional\": true}"), "127.0.0.1:5353");
        assertThat(Path.of(files.paths("/etc/router"))).isEmptyDirectory();
    }

    private static PodView pod(String configMap) throws IOException {
        return new PodView(object("""
                {"metadata": {"name": "router-1", "namespace": "default"},
                 "spec": {"containers": [{"name": "router",
                                          "volumeMounts": [{"name": "v", "mountPath": "/etc/router"}]}],
                          "volumes": [{"name": "v", "configMap": %s}]}}""".formatted(configMap)));
    }

    private static ObjectNode object(String json) throws IOException {
        return (ObjectNode) JSON.readTree(json);
    }
}

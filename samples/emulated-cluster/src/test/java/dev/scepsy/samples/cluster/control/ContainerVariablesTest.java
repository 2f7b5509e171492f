package dev.scepsy.samples.cluster.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The variables of a container, and what the kubelet puts into its command line for them. */
class ContainerVariablesTest {

    @Test
    void valuesFieldsAndReferencesAreFilledIn() throws Exception {
        ContainerVariables variables = ContainerVariables.of(pod("""
                        [{"name": "PLAIN", "value": "a"},
                         {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                         {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                         {"name": "ROLE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['scepsy.dev/role']"}}},
                         {"name": "BOTH", "value": "$(PLAIN)-$(POD_IP)-$(LATER)"},
                         {"name": "LATER", "value": "z"}]"""), "127.1.2.3");

        assertThat(variables.values())
                .containsEntry("PLAIN", "a")
                .containsEntry("POD_IP", "127.1.2.3")
                .containsEntry("POD", "router-1")
                .containsEntry("ROLE", "router")
                .containsEntry("BOTH", "a-127.1.2.3-$(LATER)");
        assertThat(variables.expand("--bind=$(POD_IP):80 $(NONE) $PLAIN $$(PLAIN)"))
                .isEqualTo("--bind=127.1.2.3:80 $(NONE) $PLAIN $(PLAIN)");
    }

    @Test
    void aSourceThatCannotBeHadIsNamed() {
        assertThatThrownBy(() -> ContainerVariables.of(
                        pod(
                                "[{\"name\": \"KEY\", \"valueFrom\": {\"secretKeyRef\": {\"name\": \"s\", \"key\": \"k\"}}}]"),
                        "127.1.2.3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("KEY")
                .hasMessageContaining("secretKeyRef");
    }

    private static PodView pod(String variables) throws IOException {
        return new PodView((ObjectNode) new ObjectMapper()
                .readTree("{\"metadata\": {\"name\": \"router-1\", \"labels\": {\"scepsy.dev/role\": \"router\"}},"
                        + "\"spec\": {\"containers\": [{\"name\": \"router\", \"env\": " + variables + "}]}}"));
    }
}

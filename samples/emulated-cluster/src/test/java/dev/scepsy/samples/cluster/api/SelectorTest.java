package dev.scepsy.samples.cluster.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectorTest {

    @ParameterizedTest(name = "{0} on app=web,tier=front: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "app=web|true",
                "app==web|true",
                "app=db|false",
                "app!=db|true",
                "missing!=x|true",
                "app in (db, web)|true",
                "app notin (db, web)|false",
                "missing notin (x)|true",
                "app|true",
                "missing|false",
                "!missing|true",
                "app=web,tier=front|true",
                "app=web,tier in (back,middle)|false",
            })
    void labelQueriesFollowKubernetesSyntax(String query, boolean matches) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        object.withObject("/metadata/labels").put("app", "web").put("tier", "front");

        assertThat(Selector.ofLabels(query).test(object)).isEqualTo(matches);
    }
}

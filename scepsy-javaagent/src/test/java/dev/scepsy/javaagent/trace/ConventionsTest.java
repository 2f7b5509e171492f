package dev.scepsy.javaagent.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.NameTable;
import dev.scepsy.javaagent.setting.Settings;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ConventionsTest {

    @Test
    void everyAttributeNameIsInTheTableOrOurOwn() throws IllegalAccessException {
        Set<String> known =
                new TreeSet<>(NameTable.of("attribute", "1.41").types().keySet());
        known.addAll(NameTable.of("attribute", "newest").types().keySet());
        for (Field field : GenAi.class.getFields()) {
            String name = (String) field.get(null);
            if (NameTable.governs(name)) {
                assertThat(known).contains(name);
            }
        }
    }

    @Test
    void everyMetricHasTheTablesNameAndUnit() {
        Map<String, String> known = new HashMap<>(NameTable.of("metric", "1.41").types());
        known.putAll(NameTable.of("metric", "newest").types());
        for (Metric metric : Metric.values()) {
            assertThat(known).containsEntry(metric.title(), metric.unit());
        }
    }

    @Test
    void theNewestNamesComeByOptInOnly() {
        assertThat(Conventions.of(settings(Map.of()))).isEqualTo(Conventions.V1_41);
        assertThat(Conventions.of(settings(Map.of("OTEL_SEMCONV_STABILITY_OPT_IN", "http"))))
                .isEqualTo(Conventions.V1_41);
        assertThat(Conventions.of(
                        settings(Map.of("OTEL_SEMCONV_STABILITY_OPT_IN", "http, gen_ai_latest_experimental"))))
                .isEqualTo(Conventions.NEWEST);
    }

    @Test
    void aCallIsMeasuredWithTheNamesOfItsConventions() {
        for (Conventions conventions : Conventions.values()) {
            NameTable table = NameTable.of("metric", conventions == Conventions.NEWEST ? "newest" : "1.41");
            List<String> measured = new ArrayList<>();
            for (OperationKind kind : OperationKind.values()) {
                Tracer tracer = new Tracer(Sampling.of(settings(Map.of())), finished -> {});
                tracer.follow(conventions);
                Operation operation = tracer.begin(kind, "x", this);
                operation.put(GenAi.USAGE_INPUT_TOKENS, 3L);
                operation.put(GenAi.USAGE_OUTPUT_TOKENS, 4L);
                operation.put(GenAi.USAGE_CACHE_READ_TOKENS, 1L);
                operation.put(GenAi.USAGE_CACHE_CREATION_TOKENS, 1L);
                operation.put(GenAi.USAGE_REASONING_TOKENS, 2L);
                operation.put(GenAi.RESPONSE_TIME_TO_FIRST_CHUNK, 0.25);
                operation.put(GenAi.AGENT_ID, "id");
                operation.end(null);
                Measurements.of(operation, (metric, value, type) -> measured.add(metric.title()));

                List<String> keys = new ArrayList<>();
                SpanAttributes.forEach(operation, (key, value) -> keys.add(key));
                assertThat(keys.contains(GenAi.AGENT_ID)).isEqualTo(conventions == Conventions.V1_41);
                assertThat(NameTable.of("attribute", conventions == Conventions.NEWEST ? "newest" : "1.41")
                                .types()
                                .keySet())
                        .containsAll(keys.stream().filter(NameTable::governs).toList());
            }
            assertThat(new TreeSet<>(measured))
                    .isEqualTo(new TreeSet<>(table.types().keySet()));
        }
    }

    private static Settings settings(Map<String, String> environment) {
        return Settings.of(key -> null, environment::get);
    }
}

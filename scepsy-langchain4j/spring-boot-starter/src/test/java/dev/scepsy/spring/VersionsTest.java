package dev.scepsy.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.model.moderation.listener.ModerationModelListener;
import dev.scepsy.langchain4j.ScepsyLangChain4j;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class VersionsTest {

    private final ApplicationContextRunner runner =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(ScepsyAutoConfiguration.class));

    @Test
    void aLangChain4jThatIsTooOldIsSaidAndTheContextStarts() {
        ClassLoader older = new FilteredClassLoader(ModerationModelListener.class);

        runner.withClassLoader(older)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(ScepsyLangChain4j.class));
        assertThat(UsableVersions.whyNot("3.5.0", older))
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("no ModerationModelListener here", "needs LangChain4j 1.12 or newer", "-javaagent")
                        .doesNotContain("\n"));
    }

    @Test
    void aSpringBootThatIsTooOldIsSaid() {
        assertThat(UsableVersions.whyNot("2.7.18", getClass().getClassLoader()))
                .hasValueSatisfying(why ->
                        assertThat(why).contains("this is Spring Boot 2.7.18, and the starter needs 3 or newer"));
    }

    @Test
    void whatIsNewEnoughIsUsed() {
        runner.run(context -> assertThat(context).hasSingleBean(ScepsyLangChain4j.class));
    }

    @Test
    void withoutMicrometerNothingIsObserved() {
        runner.withClassLoader(new FilteredClassLoader("io.micrometer"))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(ScepsyLangChain4j.class));
    }

    @Test
    void thePropertiesMetadataIsThatOfTheRecord() throws Exception {
        JsonNode metadata;
        try (InputStream in =
                ScepsyAutoConfiguration.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            metadata = new ObjectMapper().readTree(Objects.requireNonNull(in));
        }
        TreeSet<String> described = new TreeSet<>();
        metadata.get("properties")
                .forEach(property -> described.add(property.get("name").asText()));

        assertThat(described)
                .containsExactlyElementsOf(
                        new TreeSet<>(Arrays.stream(ScepsyTracingProperties.class.getRecordComponents())
                                .map(RecordComponent::getName)
                                .map("scepsy.tracing."::concat)
                                .toList()));
    }
}

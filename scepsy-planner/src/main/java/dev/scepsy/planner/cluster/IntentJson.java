package dev.scepsy.planner.cluster;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.scepsy.planner.router.Routing;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import dev.scepsy.planner.topology.Sharing;
import dev.scepsy.planner.transition.Engine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Intents as compact text for a config map: JSON, gzip, base64. A thousand engines stay far below the 1 MiB limit. */
final class IntentJson {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .visibility(PropertyAccessor.ALL, Visibility.NONE)
            .visibility(PropertyAccessor.FIELD, Visibility.ANY)
            .visibility(PropertyAccessor.CREATOR, Visibility.ANY)
            .addMixIn(Sharing.class, SharingKinds.class)
            .addMixIn(GpuType.class, WithoutPrice.class)
            .addMixIn(Node.class, WithoutHost.class)
            // what intents of an earlier version lack is empty
            .withConfigOverride(
                    List.class, list -> list.setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY, Nulls.FAIL)))
            .withConfigOverride(
                    Map.class, map -> map.setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY, Nulls.FAIL)))
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private IntentJson() {}

    static String write(Intent intent) {
        ServingOptions options = intent.options();
        Stored stored = new Stored(
                intent.planId(),
                intent.cluster(),
                intent.specs(),
                intent.engines(),
                intent.minReplicas(),
                options.namespace(),
                options.image(),
                options.port(),
                options.loadSeconds(),
                options.drainSeconds(),
                options.sharedResource(),
                options.runtimeClass(),
                options.kaiQueue(),
                options.modelCache(),
                options.gpuUuids(),
                StoredRouting.of(intent.routing()));
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
                gzip.write(JSON.writeValueAsBytes(stored));
            }
            return Base64.getEncoder().encodeToString(bytes.toByteArray());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** @throws IllegalArgumentException if the text is not an intent */
    static Intent read(String text) {
        try (GZIPInputStream gzip = new GZIPInputStream(
                new ByteArrayInputStream(Base64.getDecoder().decode(text.getBytes(StandardCharsets.US_ASCII))))) {
            Stored stored = JSON.readValue(gzip, Stored.class);
            if (!isWhole(stored)) {
                throw new IllegalArgumentException("The recorded intent is damaged: it holds no intent.");
            }
            // earlier versions put nothing before their engines
            Routing routing = stored.routing == null ? Routing.NONE : stored.routing.routing();
            ServingOptions options = new ServingOptions(
                    stored.namespace,
                    stored.image,
                    stored.port,
                    stored.loadSeconds,
                    stored.drainSeconds,
                    stored.sharedResource,
                    stored.runtimeClass,
                    stored.kaiQueue,
                    stored.modelCache == null ? "none" : stored.modelCache,
                    Map.of(),
                    stored.gpuUuids,
                    routing.settings());
            return new Intent(
                    stored.planId, stored.cluster, stored.specs, stored.engines, stored.minReplicas, options, routing);
        } catch (JsonProcessingException damaged) {
            // its message names classes and repeats what stands there
            throw new IllegalArgumentException("The recorded intent is damaged: it holds no intent.", damaged);
        } catch (IOException damaged) {
            throw new IllegalArgumentException(
                    "The recorded intent is damaged: " + damaged.getMessage() + ".", damaged);
        }
    }

    private static boolean isWhole(@Nullable Stored stored) {
        return stored != null
                && Stream.of(
                                stored.planId,
                                stored.cluster,
                                stored.specs,
                                stored.engines,
                                stored.minReplicas,
                                stored.namespace,
                                stored.image)
                        .allMatch(Objects::nonNull)
                && stored.engines.stream().allMatch(IntentJson::isWhole);
    }

    private static boolean isWhole(Engine engine) {
        return Stream.of(engine.model(), engine.node(), engine.shape(), engine.gpus())
                .allMatch(Objects::nonNull);
    }

    /** A readable list of what the plan has, for whoever looks at the config map. */
    static String describe(Intent intent) {
        try {
            return JSON.writerWithDefaultPrettyPrinter()
                    .writeValueAsString(intent.engines().stream()
                            .map(engine -> Map.of(
                                    "model",
                                    engine.model(),
                                    "place",
                                    engine.place(),
                                    "shape",
                                    engine.shape().toString()))
                            .toList());
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private record Stored(
            String planId,
            Cluster cluster,
            List<EngineSpec> specs,
            List<Engine> engines,
            Map<String, Integer> minReplicas,
            String namespace,
            String image,
            int port,
            int loadSeconds,
            int drainSeconds,
            String sharedResource,
            String runtimeClass,
            String kaiQueue,
            @Nullable String modelCache,
            Map<String, List<String>> gpuUuids,
            @Nullable StoredRouting routing) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Sharing.Exclusive.class, name = "exclusive"),
        @JsonSubTypes.Type(value = Sharing.Grid.class, name = "grid"),
        @JsonSubTypes.Type(value = Sharing.EqualParts.class, name = "equalParts")
    })
    private interface SharingKinds {}

    /** What a GPU costs is for planning; intents written before prices were known lack it. */
    @JsonIgnoreProperties("costPerHour")
    private abstract static class WithoutPrice {
        @JsonCreator
        @SuppressWarnings("UnusedVariable") // a mix-in is read, never called
        WithoutPrice(@JsonProperty("name") String name, @JsonProperty("memoryGiB") double memoryGiB) {}
    }

    /** What engines may use of a node beside its GPUs is asked of the cluster; earlier versions did not know it. */
    @JsonIgnoreProperties("host")
    private abstract static class WithoutHost {
        @JsonCreator
        @SuppressWarnings("UnusedVariable") // a mix-in is read, never called
        WithoutHost(
                @JsonProperty("name") String name,
                @JsonProperty("gpu") GpuType gpu,
                @JsonProperty("gpus") int gpus,
                @JsonProperty("domainSize") int domainSize,
                @JsonProperty("sharing") Sharing sharing,
                @JsonProperty("occupied") List<Occupied> occupied) {}
    }
}

package dev.scepsy.planner.cluster;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a user adds to the pods of engines: a strategic merge patch of their template, checked against what the plan owns.
 * Immutable.
 *
 * @param json the patch, keys in order, so that equal patches are equal texts
 */
public record PodPatch(String json) {

    /** What came of reading one: the patch, or every reason why it is none. */
    public record Read(List<PodPatch> patch, List<String> problems) {
        public Read {
            patch = List.copyOf(patch);
            problems = List.copyOf(problems);
        }
    }

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    /** Kubernetes' types keep what they do not know in a map; here it is found. */
    private static ObjectMapper strict(Set<String> unknown) {
        ObjectMapper mapper = JsonMapper.builder()
                .annotationIntrospector(new JacksonAnnotationIntrospector() {
                    @Override
                    public Boolean hasAnySetter(Annotated member) {
                        return Boolean.FALSE;
                    }
                })
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .build();
        mapper.addHandler(new DeserializationProblemHandler() {
            @Override
            public boolean handleUnknownProperty(
                    DeserializationContext context,
                    JsonParser parser,
                    JsonDeserializer<?> deserializer,
                    Object bean,
                    String name)
                    throws IOException {
                unknown.add(parser.getParsingContext().pathAsPointer(false).toString());
                parser.skipChildren();
                return true;
            }
        });
        return mapper;
    }

    /**
     * The patch that {@code written} is.
     *
     * @param written as the models file has it: maps, lists, texts, numbers, booleans
     * @param path where it stands there, for the problems
     */
    public static Read read(Map<String, Object> written, String path) {
        List<String> problems = new ArrayList<>();
        if (written.isEmpty()) {
            return new Read(List.of(), problems);
        }
        ObjectNode tree = (ObjectNode) JSON.valueToTree(whole(written));
        problems.addAll(new PodPatchRules(path).problems(tree));
        Set<String> unknown = new LinkedHashSet<>();
        JsonNode checked = PodPatchRules.withoutDirectives(tree);
        boolean sound = false;
        while (!sound) {
            try {
                strict(unknown).treeToValue(checked, PodTemplateSpec.class);
                sound = true;
            } catch (JsonMappingException wrong) {
                // what is wrong is said and taken away, so that what stands behind it is seen too
                problems.add(path + place(wrong) + ": " + removed(checked, wrong.getPath())
                        + " is not what a pod template has here.");
                sound = wrong.getPath().isEmpty();
            } catch (JsonProcessingException wrong) {
                problems.add(path + ": This is no pod template.");
                sound = true;
            }
        }
        unknown.forEach(pointer ->
                problems.add(path + pointer.replaceAll("/(\\d+)", "[$1]").replace('/', '.')
                        + ": A pod template has no such field. Fields are those of template in a Deployment's spec."));
        return problems.isEmpty()
                ? new Read(List.of(new PodPatch(canonical(tree))), problems)
                : new Read(List.of(), problems);
    }

    private static String place(JsonMappingException wrong) {
        return wrong.getPath().stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName())
                .collect(Collectors.joining());
    }

    /** Takes what stands at {@code steps} out of {@code tree}, and names it; values of variables are not repeated. */
    private static String removed(JsonNode tree, List<JsonMappingException.Reference> steps) {
        JsonNode parent = tree;
        for (int i = 0; i < steps.size(); i++) {
            JsonMappingException.Reference step = steps.get(i);
            boolean last = i == steps.size() - 1;
            JsonNode child =
                    step.getFieldName() == null ? parent.path(step.getIndex()) : parent.path(step.getFieldName());
            if (last) {
                if (parent instanceof ObjectNode mapping) {
                    mapping.remove(String.valueOf(step.getFieldName()));
                } else if (parent instanceof ArrayNode items) {
                    items.remove(step.getIndex());
                }
                boolean shown = child.isValueNode() && !"value".equals(step.getFieldName());
                return shown ? "The value (" + child.asText() + ")" : "This";
            }
            parent = child;
        }
        return "This";
    }

    /** {@code template} with this merged in. */
    PodTemplateSpec applyTo(PodTemplateSpec template) {
        try {
            ObjectNode base = (ObjectNode) JSON.readTree(Manifests.TEXT.asJson(template));
            return Manifests.TEXT.unmarshal(
                    StrategicMerge.merge(base, (ObjectNode) JSON.readTree(json)).toString(), PodTemplateSpec.class);
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static String canonical(ObjectNode tree) {
        try {
            return JSON.writeValueAsString(JSON.treeToValue(tree, Object.class));
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** YAML's numbers were read as floating point; those without a fraction are whole. */
    private static Object whole(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> copy = new TreeMap<>();
            map.forEach((key, each) -> copy.put(String.valueOf(key), whole(each)));
            return copy;
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>();
            list.forEach(each -> copy.add(whole(each)));
            return copy;
        }
        if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
            return number.longValue();
        }
        return value;
    }
}

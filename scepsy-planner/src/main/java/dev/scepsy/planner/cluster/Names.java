package dev.scepsy.planner.cluster;

import dev.scepsy.planner.transition.Engine;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Collectors;

/** Labels, annotations and object names: the same input always gives the same name. */
final class Names {

    static final String FIELD_MANAGER = "scepsy";
    static final String MODEL = "scepsy.dev/model";
    static final String PLAN = "scepsy.dev/plan";
    static final String SLOT = "scepsy.dev/slot";
    static final String ENGINE = "scepsy.dev/engine";
    /** Label of a pod that its service routes to; taken away before the engine is stopped. */
    static final String SERVING = "scepsy.dev/serving";

    /** Label for people: {@code t2-f1}, {@code t1-f0.5}. */
    static final String SHAPE = "scepsy.dev/shape";

    static final String COMPONENT = "app.kubernetes.io/component";
    static final String PART_OF = "app.kubernetes.io/part-of";
    static final String MANAGED_BY = "app.kubernetes.io/managed-by";

    /** What a pod or object is for, beside the engines: {@link #ROUTER}. */
    static final String ROLE = "scepsy.dev/role";

    /** Value of {@link #ROLE} of everything that belongs to the router. */
    static final String ROUTER = "router";

    /** Name of the router's Deployment and of the Service that leads to all models. */
    static final String ROUTER_NAME = "scepsy-router";

    static final String MODEL_NAME = "scepsy.dev/model-name";
    static final String NODE = "scepsy.dev/node";
    static final String GPUS = "scepsy.dev/gpus";
    static final String FRACTION = "scepsy.dev/gpu-fraction";
    static final String EXACT_FRACTION = "scepsy.dev/gpu-fraction-exact";
    static final String TENSOR_PARALLEL = "scepsy.dev/tensor-parallel";
    static final String MEMORY = "scepsy.dev/memory-gib-per-gpu";
    static final String REVISION = "scepsy.dev/revision";
    static final String TEMPLATE = "scepsy.dev/template";
    static final String ENFORCED = "scepsy.dev/enforced";

    static final String HOSTNAME = "kubernetes.io/hostname";
    static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

    private static final String ENGINES_SUFFIX = "-engines";
    private static final int LABEL_LENGTH = 63;
    /** Deployments add an 11 and replica sets a 6 character suffix to names that end up in a 63 character host name. */
    private static final int ENGINE_NAME_LENGTH = 46;

    private Names() {}

    /** Name of a model's service: its own name where that is a DNS label. */
    static String service(String model) {
        String name = dnsLabel(model);
        return name.equals(model) && name.length() <= LABEL_LENGTH
                ? name
                : cut(name, LABEL_LENGTH - 7) + "-" + digest(model).substring(0, 6);
    }

    /** Name of the headless service by which a router finds a model's engines. */
    static String enginesService(String model) {
        String name = service(model) + ENGINES_SUFFIX;
        return name.length() <= LABEL_LENGTH
                ? name
                : cut(service(model), LABEL_LENGTH - ENGINES_SUFFIX.length() - 7) + "-"
                        + digest(model).substring(0, 6) + ENGINES_SUFFIX;
    }

    /** Label value that stands for a model. */
    static String label(String text) {
        String value = text.replaceAll("[^A-Za-z0-9._-]", "-").replaceAll("^[^A-Za-z0-9]+|[^A-Za-z0-9]+$", "");
        return value.equals(text) && value.length() <= LABEL_LENGTH
                ? value
                : cut(value, LABEL_LENGTH - 7) + "-" + digest(text).substring(0, 6);
    }

    /** Label value of an engine's place: {@code node-1} or {@code node-1.gpu0-1}. */
    static String slot(Engine engine) {
        return label(engine.gpus().isEmpty() ? engine.node() : engine.node() + ".gpu" + gpus(engine, "-"));
    }

    /** Deployment of an engine: readable model and place, then a digest of all that the engine is. */
    static String deployment(Engine engine) {
        String place = engine.gpus().isEmpty() ? engine.node() : engine.node() + "-gpu" + gpus(engine, "-");
        String readable = cut(dnsLabel(engine.model() + "-" + place), ENGINE_NAME_LENGTH);
        return readable + "-"
                + digest(engine.model() + "\n" + place + "\n" + engine.shape().revision())
                        .substring(0, 6);
    }

    static String claim(String node, int gpu) {
        return cut(dnsLabel("scepsy-" + node), 40) + "-" + digest(node).substring(0, 6) + "-gpu" + gpu;
    }

    static String gpus(Engine engine, String separator) {
        return engine.gpus().stream().map(String::valueOf).collect(Collectors.joining(separator));
    }

    /** SHA-256 of the text, in hexadecimal. */
    static String digest(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("Every Java platform has SHA-256.", impossible);
        }
    }

    private static String dnsLabel(String text) {
        String label =
                text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-").replaceAll("^-+|-+$", "");
        return label.isEmpty() || !Character.isLetter(label.charAt(0)) ? "m-" + label : label;
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length).replaceAll("-+$", "");
    }
}

package dev.scepsy.planner.cluster;

import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.profile.ServedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Doubts about what an engine is told to load, as far as names tell. */
public final class LoadedModel {

    /** Organisations whose repositories ask for an accepted licence, and so for a token. */
    private static final List<String> GATED =
            List.of("meta-llama/", "google/gemma-", "CohereLabs/", "mistralai/Mistral-Large");

    /** What checkpoints in a precision are usually called. */
    private static final Map<Precision, Pattern> NAMED = Map.of(
            Precision.FP8, Pattern.compile("fp8|w8a8|f8"),
            Precision.INT8, Pattern.compile("int8|w8a8|w8a16|8bit|8-bit"),
            Precision.INT4, Pattern.compile("int4|awq|gptq|w4a16|4bit|4-bit"),
            Precision.FP4, Pattern.compile("fp4|nvfp4|mxfp4"));

    private LoadedModel() {}

    /** Sentences, each with what to do; none where nothing speaks against it. */
    public static List<String> doubts(ServedModel model, EngineSettings settings) {
        List<String> doubts = new ArrayList<>();
        String source = EngineStartWriter.source(model, settings);
        boolean local = source.startsWith("/");
        if (settings.servedFrom().isEmpty() && !source.contains("/")) {
            doubts.add("The engines of model (" + model.name() + ") load (" + source
                    + "), which is no repository of Hugging Face: ORGANISATION/NAME. Give servedFrom, an id or a path in the"
                    + " container.");
        }
        Precision planned = Precision.of(model.weightPrecision()).orElse(Precision.BF16);
        boolean published = settings.architecture()
                .filter(shape -> shape.publishedPrecision() == planned)
                .isPresent();
        Pattern names = NAMED.get(planned);
        if (!published
                && names != null
                && !EngineStartWriter.convertsAtLoad(model, settings)
                && !names.matcher(source.toLowerCase(Locale.ROOT)).find()) {
            doubts.add("Model (" + model.name() + ") is planned in " + planned.key()
                    + ", but the name of what is loaded ("
                    + source + ") does not say so: weights of another precision would not fit. Give servedFrom, the"
                    + " checkpoint in " + planned.key() + ".");
        }
        if (!local && GATED.stream().anyMatch(source::startsWith) && !hasToken(settings)) {
            doubts.add("The repository (" + source + ") of model (" + model.name()
                    + ") asks for a token, and no podTemplate gives one: engines would fail with 401. Add env"
                    + " {name: HF_TOKEN, valueFrom: {secretKeyRef: {name: ..., key: ...}}} to its container, or serve it from"
                    + " a path.");
        }
        if (model.engine().equals(EngineKind.SGLANG.key()) && !model.aliases().isEmpty()) {
            doubts.add("SGLang knows model (" + model.name() + ") by one name: requests for " + model.aliases()
                    + " are refused. Let clients use the name, or serve it with vllm.");
        }
        if (model.engine().equals(EngineKind.TRTLLM.key()) && !model.aliases().isEmpty()) {
            doubts.add("trtllm-serve knows model (" + model.name() + ") by one name: requests for " + model.aliases()
                    + " are refused. Let clients use the name, or serve it with vllm.");
        }
        return doubts;
    }

    private static boolean hasToken(EngineSettings settings) {
        return settings.podPatches().stream()
                .map(PodPatch::json)
                .anyMatch(json -> json.contains("HF_TOKEN")
                        || json.contains("HUGGING_FACE_HUB_TOKEN")
                        || json.contains("envFrom"));
    }
}

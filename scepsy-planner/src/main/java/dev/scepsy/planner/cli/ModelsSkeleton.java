package dev.scepsy.planner.cli;

import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.serving.ClusterSkeleton;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A {@code models.yaml} to be completed by a person: what traces show is filled in, what they cannot show is asked for. */
final class ModelsSkeleton {

    /** Lengths are rounded up to a multiple of this, with room for longer requests than were seen. */
    private static final int LENGTH_STEP_TOKENS = 1024;

    private static final double LENGTH_HEADROOM = 1.25;

    private ModelsSkeleton() {}

    static String of(Collection<SeenModel> models, List<ModelArchitecture> architectures) {
        StringBuilder text = new StringBuilder("""
                # The served models. All keys: docs/reference/files.md
                # For each model give an architecture (or config), or measure profiles, or mark it external.
                version: 1
                models:
                """);
        if (models.isEmpty()) {
            text.append("  - name: my-model                # as requests name it\n");
            choices(text, Optional.empty());
        }
        for (SeenModel model : models) {
            text.append("  # seen in ").append(model.calls()).append(model.calls() == 1 ? " call" : " calls");
            if (model.longestTogether() > 0) {
                text.append(", the longest with ")
                        .append(model.longestInput())
                        .append(" tokens in, ")
                        .append(model.longestOutput())
                        .append(" out, ")
                        .append(model.longestTogether())
                        .append(" together");
            }
            text.append("\n  - name: ")
                    .append(ClusterSkeleton.quoted(model.name()))
                    .append('\n');
            if (!model.otherNames().isEmpty()) {
                text.append("    aliases: [")
                        .append(String.join(
                                ", ",
                                model.otherNames().stream()
                                        .map(ClusterSkeleton::quoted)
                                        .toList()))
                        .append("]    # other names that calls used\n");
            }
            choices(text, guess(model.name(), architectures));
            if (model.longestTogether() > 0) {
                text.append("    maxModelLength: ").append(length(model)).append('\n');
            }
        }
        return text.toString();
    }

    private static void choices(StringBuilder text, Optional<String> guess) {
        if (guess.isPresent()) {
            text.append("    architecture: ").append(guess.get()).append("    # guessed from the name: check it\n");
        } else {
            text.append("    # architecture: Qwen3-32B       # a catalogue key; or instead:\n")
                    .append(
                            "    # config: path/to/config.json   # the model's Hugging Face configuration; or instead:\n");
        }
        text.append("    # external: true                # an API that takes none of your GPUs\n")
                .append("    # weightPrecision: bf16         # fp32 bf16 fp8 int8 int4 fp4\n")
                .append("    # minReplicas: 1\n");
    }

    /** The longest key that the model's own name starts with, so that {@code org/Qwen3-32B-Instruct} finds Qwen3-32B. */
    private static Optional<String> guess(String model, List<ModelArchitecture> architectures) {
        String name = model.substring(model.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
        return architectures.stream()
                .map(ModelArchitecture::name)
                .filter(key -> startsWithWord(name, key.toLowerCase(Locale.ROOT)))
                .max(Comparator.comparingInt(String::length));
    }

    private static boolean startsWithWord(String name, String key) {
        return name.startsWith(key)
                && (name.length() == key.length() || !Character.isLetterOrDigit(name.charAt(key.length())));
    }

    private static long length(SeenModel model) {
        return (long) Math.ceil(model.longestTogether() * LENGTH_HEADROOM / LENGTH_STEP_TOKENS) * LENGTH_STEP_TOKENS;
    }
}

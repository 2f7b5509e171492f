package dev.scepsy.planner.checkpoint;

import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The longest request a checkpoint takes, as vLLM derives it ({@code config/model.py}, get_and_verify_max_len): the positions,
 * or with YaRN the original ones, times the factor of rope scaling, unless the positions already count it; {@code
 * model_max_length} may be longer.
 */
final class ContextLength {

    /** Kinds of rope scaling whose factor max_position_embeddings already holds. */
    private static final Set<String> COUNTED_IN_POSITIONS =
            Set.of("su", "longrope", "llama3", "default", "mrope", "proportional");

    private ContextLength() {}

    static OptionalInt of(ConfigKeys keys) {
        OptionalInt positions = keys.whole(
                1, Integer.MAX_VALUE, "max_position_embeddings", "n_positions", "max_sequence_length", "seq_length");
        double context = positions.orElse(0);
        if (positions.isPresent() && keys.raw("rope_scaling") instanceof Map<?, ?> scaling) {
            Object said = scaling.containsKey("rope_type") ? scaling.get("rope_type") : scaling.get("type");
            String kind = String.valueOf(said);
            if (scaling.get("factor") instanceof Number factor && !COUNTED_IN_POSITIONS.contains(kind)) {
                if (kind.equals("yarn") && scaling.get("original_max_position_embeddings") instanceof Number original) {
                    context = original.doubleValue();
                }
                context *= Math.max(1, factor.doubleValue());
            }
        }
        if (keys.raw("model_max_length") instanceof Number longest && longest.doubleValue() <= Integer.MAX_VALUE) {
            context = Math.max(context, longest.doubleValue());
        }
        return context >= 1 ? OptionalInt.of((int) Math.min(context, Integer.MAX_VALUE)) : OptionalInt.empty();
    }
}

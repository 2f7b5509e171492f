package dev.scepsy.planner.serve.journal;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who decided what, when and why.
 *
 * @param what {@code approve}, {@code reject}, {@code supersede}, {@code expire}, {@code keep}, {@code goBack}, {@code fail}, {@code rollback}, {@code pin}, {@code unpin}, {@code freeze} or {@code unfreeze}
 * @param by name of the token, {@code local}, or {@code scepsy} for the service itself
 * @param reason null where none was given
 */
public record Decision(String what, String by, @Nullable String reason, Instant at) {}

package dev.scepsy.planner.serve.journal;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a proposal stands: open → approved → applying → verifying → kept, rolledBack or failed; or open → rejected, superseded, expired. */
public enum ProposalState {
    @JsonProperty("open")
    OPEN,
    @JsonProperty("approved")
    APPROVED,
    @JsonProperty("applying")
    APPLYING,
    @JsonProperty("verifying")
    VERIFYING,
    @JsonProperty("kept")
    KEPT,
    @JsonProperty("rolledBack")
    ROLLED_BACK,
    @JsonProperty("failed")
    FAILED,
    @JsonProperty("rejected")
    REJECTED,
    @JsonProperty("superseded")
    SUPERSEDED,
    @JsonProperty("expired")
    EXPIRED;

    /** Whether it is between a decision and its outcome; at most one proposal is. */
    public boolean underWay() {
        return this == APPROVED || this == APPLYING || this == VERIFYING;
    }

    /** Whether nothing follows. */
    public boolean ended() {
        return this != OPEN && !underWay();
    }

    /** Whether {@code next} may follow this state. */
    public boolean mayBecome(ProposalState next) {
        return switch (this) {
            case OPEN -> next == APPROVED || next == REJECTED || next == SUPERSEDED || next == EXPIRED;
            case APPROVED -> next == APPLYING || next == FAILED;
            case APPLYING -> next == VERIFYING || next == ROLLED_BACK || next == FAILED;
            case VERIFYING -> next == KEPT || next == ROLLED_BACK || next == FAILED;
            default -> false;
        };
    }

    /** As the API writes it. */
    public String key() {
        return switch (this) {
            case ROLLED_BACK -> "rolledBack";
            default -> name().toLowerCase(java.util.Locale.ROOT);
        };
    }
}

package dev.scepsy.planner.simulate;

import dev.scepsy.planner.profile.EngineSetup;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of a prompt of which only this is known: that it begins with another call's prompt and answer, or with nothing
 * that anybody else has. Immutable.
 */
final class Conversation implements PromptBlocks {

    private final long id;
    private final int tokens;
    private final @Nullable Conversation continued;

    /**
     * @param id unique among the calls of a simulation
     * @param tokens prompt and answer together
     * @param continued the call it begins with; null for a beginning of its own
     */
    Conversation(long id, int tokens, @Nullable Conversation continued) {
        this.id = id;
        this.tokens = tokens;
        this.continued = continued;
    }

    @Override
    public long hash(int block) {
        Conversation owner = this;
        int end = (block + 1) * EngineSetup.BLOCK_TOKENS;
        while (owner.continued != null && end <= owner.continued.tokens) {
            owner = owner.continued;
        }
        return mixed(mixed(owner.id) + block);
    }

    /** Steele, Lea and Flood's SplitMix64 finaliser. */
    private static long mixed(long number) {
        long z = number + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}

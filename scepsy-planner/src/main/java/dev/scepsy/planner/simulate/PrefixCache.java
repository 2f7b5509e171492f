package dev.scepsy.planner.simulate;

import dev.scepsy.planner.profile.EngineSetup;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Blocks that hold known text, as vLLM's automatic prefix caching keeps them: a request that ends or is evicted leaves its
 * full blocks behind, free but readable, and whoever needs room overwrites the least recently left, of one request the last
 * block first. A request that begins with the same blocks takes them over, or shares them with those who use them now.
 *
 * <p>Simplified: blocks become readable when their request leaves the engine, not while it runs. Mutable, confined to its engine.
 */
final class PrefixCache {

    private static final int BLOCK = EngineSetup.BLOCK_TOKENS;

    /** One block; linked with its neighbours in the order of leaving while nobody uses it. */
    private static final class Block {
        final long hash;
        int users;

        @Nullable
        Block older;

        @Nullable
        Block younger;

        Block(long hash) {
            this.hash = hash;
        }
    }

    private final KvCache cache;
    private final long unitsPerBlock;
    private final Map<Long, Block> blocks = new HashMap<>();
    private @Nullable Block oldest;
    private @Nullable Block youngest;
    private long unused;

    PrefixCache(KvCache cache) {
        this.cache = cache;
        this.unitsPerBlock = cache.unitsFor(1);
    }

    /** Leading blocks of {@code prompt} that are here, of its first {@code tokens} tokens. */
    int find(PromptBlocks prompt, int tokens) {
        int found = 0;
        while ((found + 1) * BLOCK <= tokens && blocks.containsKey(prompt.hash(found))) {
            found++;
        }
        return found;
    }

    /** Cache units that the first {@code count} blocks of {@code prompt} hold for others already. */
    long unitsInUse(PromptBlocks prompt, int count) {
        int used = 0;
        for (int i = 0; i < count; i++) {
            Block block = blocks.get(prompt.hash(i));
            used += block != null && block.users > 0 ? 1 : 0;
        }
        return used * unitsPerBlock;
    }

    /** Uses the first {@code count} blocks of {@code prompt}, whose units the caller has taken. */
    void use(PromptBlocks prompt, int count) {
        for (int i = 0; i < count; i++) {
            Block block = blocks.get(prompt.hash(i));
            if (block != null && block.users++ == 0) {
                unlink(block);
            }
        }
    }

    /**
     * Lets a request go.
     *
     * @param shared leading blocks it used by {@link #use}
     * @param computed its tokens that are computed
     * @param heldUnits all units of its blocks, the shared ones included
     */
    void leave(PromptBlocks prompt, int shared, int computed, long heldUnits) {
        long back = heldUnits - shared * unitsPerBlock;
        for (int i = Math.max(shared, computed / BLOCK) - 1; i >= 0; i--) {
            long hash = prompt.hash(i);
            Block block = blocks.get(hash);
            if (i < shared) {
                if (block != null && --block.users == 0) {
                    back += unitsPerBlock;
                    link(block);
                }
            } else if (block == null) {
                block = new Block(hash);
                blocks.put(hash, block);
                link(block);
            }
        }
        cache.giveBack(back);
        trim();
    }

    /** Overwrites what free space no longer holds. */
    void trim() {
        while (oldest != null && unused * unitsPerBlock > cache.freeUnits()) {
            Block overwritten = oldest;
            unlink(overwritten);
            blocks.remove(overwritten.hash);
        }
    }

    private void link(Block block) {
        block.older = youngest;
        if (youngest == null) {
            oldest = block;
        } else {
            youngest.younger = block;
        }
        youngest = block;
        unused++;
    }

    private void unlink(Block block) {
        Block older = block.older;
        Block younger = block.younger;
        if (older == null) {
            oldest = younger;
        } else {
            older.younger = younger;
        }
        if (younger == null) {
            youngest = older;
        } else {
            younger.older = older;
        }
        block.older = null;
        block.younger = null;
        unused--;
    }
}

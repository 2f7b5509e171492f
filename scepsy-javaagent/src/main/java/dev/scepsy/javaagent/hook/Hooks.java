package dev.scepsy.javaagent.hook;

import dev.scepsy.javaagent.install.HookSet;
import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.trace.Tracer;
import java.util.List;
import java.util.function.BiConsumer;

/** All hooks; instantiated reflectively by the installer, once per class loader that has LangChain4j. */
public final class Hooks implements HookSet {

    public Hooks() {}

    @Override
    public void register(HookTable hooks, Tracer tracer) {
        List<BiConsumer<HookTable, Tracer>> groups = List.of(
                (h, t) -> new ChatHooks(t).register(h),
                (h, t) -> new StreamingHooks(t).register(h),
                (h, t) -> new ModelHooks(t).register(h),
                (h, t) -> new ToolHooks(t).register(h),
                (h, t) -> new RetrievalHooks(t).register(h),
                (h, t) -> new AiServiceHooks(t).register(h),
                (h, t) -> new HttpHooks(t).register(h),
                (h, t) -> new AgenticHooks(t).register(h));
        for (BiConsumer<HookTable, Tracer> group : groups) {
            try {
                group.accept(hooks, tracer);
            } catch (LinkageError absent) {
                // That part of LangChain4j is not on this class path, so its methods are not woven either.
            }
        }
    }
}

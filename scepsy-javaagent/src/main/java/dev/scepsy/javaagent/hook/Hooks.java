package dev.scepsy.javaagent.hook;

import dev.scepsy.javaagent.install.HookSet;
import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.trace.Tracer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** All hooks; instantiated reflectively by the installer, once per class loader that has LangChain4j. */
public final class Hooks implements HookSet {

    public Hooks() {}

    @Override
    public void register(HookTable hooks, Tracer tracer) {
        hooks.showing((operation, arguments) -> ContentCapture.OF_THIS_JVM.entered(operation, arguments));
        Map<Class<?>, BiConsumer<HookTable, Tracer>> groups = new LinkedHashMap<>();
        groups.put(ChatHooks.class, (h, t) -> new ChatHooks(t).register(h));
        groups.put(StreamingHooks.class, (h, t) -> new StreamingHooks(t).register(h));
        groups.put(ModelHooks.class, (h, t) -> new ModelHooks(t).register(h));
        groups.put(ToolHooks.class, (h, t) -> new ToolHooks(t).register(h));
        groups.put(RetrievalHooks.class, (h, t) -> new RetrievalHooks(t).register(h));
        groups.put(AiServiceHooks.class, (h, t) -> new AiServiceHooks(t).register(h));
        groups.put(HttpHooks.class, (h, t) -> new HttpHooks(t).register(h));
        groups.put(AgenticHooks.class, (h, t) -> new AgenticHooks(t).register(h));
        groups.put(ListenerHooks.class, (h, t) -> new ListenerHooks(t).register(h));
        groups.put(PipelineHooks.class, (h, t) -> new PipelineHooks(t).register(h));
        groups.forEach((type, group) -> {
            try {
                hooks.from(type);
                group.accept(hooks, tracer);
            } catch (LinkageError absent) {
                // That part of LangChain4j is not on this class path, so its methods are not woven either.
            }
        });
    }
}

package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.trace.Tracer;

/** The hooks of one class loader that has LangChain4j: the seam between the isolated loader and the one that sees both sides. */
public interface HookSet {

    void register(HookTable hooks, Tracer tracer);
}

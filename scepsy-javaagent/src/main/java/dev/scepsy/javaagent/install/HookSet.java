package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.trace.ContentOfCalls;
import dev.scepsy.javaagent.trace.Tracer;

/** The hooks of one class loader that has LangChain4j: the seam between the isolated loader and the one that sees both sides. */
public interface HookSet extends ContentOfCalls {

    /** The group that a target's hook belongs to: the simple name of its class. */
    String groupOf(Target target);

    /** Makes the hooks of one group and puts them into the table. */
    void make(String group, HookTable hooks, Tracer tracer);
}

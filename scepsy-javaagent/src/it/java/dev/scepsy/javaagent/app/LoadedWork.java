package dev.scepsy.javaagent.app;

import dev.scepsy.langchain4j.Workflow;

/** What every class loader of {@link LoadersApp} defines anew: a workflow that asks a model named by the loader. */
public final class LoadedWork {

    private LoadedWork() {}

    /** Called reflectively; says whose classes it ran with. */
    public static String go(String who) {
        return new LoadedWork().work(new Model(who));
    }

    @Workflow(name = "work")
    String work(Model model) {
        return model.chat("run-1") + model.chat("run-2");
    }

    /** Somebody else's work, inside a workflow of ours. */
    @Workflow(name = "around")
    public static void around(Runnable work) {
        work.run();
    }

    /** Known as a model only by what it extends. */
    private static final class Model extends LoadedModel {

        private Model(String name) {
            super(name);
        }
    }
}

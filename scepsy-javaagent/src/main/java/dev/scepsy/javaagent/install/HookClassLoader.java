package dev.scepsy.javaagent.install;

import java.io.IOException;
import java.io.InputStream;

/** Defines the hooks; sees LangChain4j and the application's OpenTelemetry through the application's loader and everything else through the agent's. */
final class HookClassLoader extends ClassLoader {

    private static final String HOOKS = "dev.scepsy.javaagent.hook.";
    private static final String JOIN = "dev.scepsy.javaagent.join.";
    private static final String LANGCHAIN4J = "dev.langchain4j.";

    /** The application's, which keeps its name; joined so that the build does not relocate it with ours. */
    static final String OPEN_TELEMETRY = String.join(".", "io", "opentelemetry", "");

    static {
        registerAsParallelCapable();
    }

    private final ClassLoader application;

    HookClassLoader(ClassLoader application, ClassLoader agent) {
        super("scepsy-hooks", agent);
        this.application = application;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (name.startsWith(LANGCHAIN4J) || name.startsWith(OPEN_TELEMETRY)) {
            return application.loadClass(name);
        }
        if (!name.startsWith(HOOKS) && !name.startsWith(JOIN)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = in.readAllBytes();
            return defineClass(name, bytes, 0, bytes.length, HookClassLoader.class.getProtectionDomain());
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}

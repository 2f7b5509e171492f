package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.export.Outlets;
import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.javaagent.trace.Companions;
import dev.scepsy.javaagent.trace.Conventions;
import dev.scepsy.javaagent.trace.Publications;
import dev.scepsy.javaagent.trace.Sampling;
import dev.scepsy.javaagent.trace.Tracer;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each class that mentions LangChain4j whether and how it is woven. Started once, by the first such class, in the
 * isolated class loader. Thread-safe; a class that cannot be woven stays as it is.
 */
public final class Installer implements ClassFileTransformer {

    /** Tells the listener module that calls are already counted. */
    static final String ACTIVE = "scepsy.agent.active";

    private final Settings settings = Settings.ofThisJvm();
    private final AtomicInteger wovenClasses = new AtomicInteger();
    private final Modules ownModules = new Modules(settings, "");
    private final Loaders loaders;
    private final Weaver weaver;

    /** The agent's own: called reflectively by its front door. Joins the application's OpenTelemetry where it has one. */
    public Installer(Instrumentation instrumentation) {
        this(instrumentation, null);
    }

    /** As part of another agent, whose SDK has the spans. */
    public Installer(Instrumentation instrumentation, @Nullable Companions companions) {
        Outlets outlets = new Outlets(settings, new Facts(this));
        Tracer tracer = new Tracer(
                Sampling.of(settings),
                outlets,
                settings.number("scepsy.stream.timeout-seconds", 0, Tracer.DEFAULT_SILENCE_SECONDS));
        outlets.alongside(new Tidying(tracer));
        tracer.follow(Conventions.of(settings));
        if (companions != null) {
            tracer.join(companions);
        }
        this.loaders = new Loaders(instrumentation, tracer, settings, companions == null);
        this.weaver = new Weaver(loaders);
        new LateWeaving(instrumentation, weaver).begin();
        tracer.publications().ask(new Passing(instrumentation));
        outlets.start();
        System.setProperty(ACTIVE, "true");
    }

    private record Tidying(Tracer tracer) implements Outlets.Housekeeping {
        @Override
        public void tidy(boolean last) {
            tracer.tidy(last);
        }
    }

    /** Has a class woven that came by before anybody knew that its methods matter. */
    private record Passing(Instrumentation instrumentation) implements Publications.Classes {

        @Override
        public boolean mayLookFor(Class<?> looking, Class<?> other) {
            return TypeNames.in(looking).includesOneOf(other);
        }

        @Override
        public boolean weave(Class<?> type) {
            if (WovenClasses.contains(type)) {
                return true;
            }
            if (type.getClassLoader() == null || type.isHidden() || !instrumentation.isModifiableClass(type)) {
                return false;
            }
            try {
                instrumentation.retransformClasses(type);
            } catch (Throwable refused) {
                return false;
            }
            return WovenClasses.contains(type);
        }
    }

    @Override
    public byte @Nullable [] transform(
            java.lang.Module module,
            ClassLoader loader,
            String className,
            @Nullable Class<?> redefined,
            @Nullable ProtectionDomain domain,
            byte[] classFile) {
        try {
            byte[] woven = weaver.weave(module, loader, className, classFile);
            if (woven != null) {
                wovenClasses.incrementAndGet();
            }
            return woven;
        } catch (Throwable failure) {
            ownModules.named("weaving").failed(failure);
            return null;
        }
    }

    private record Facts(Installer installer) implements Supplier<Map<String, Object>> {
        @Override
        public Map<String, Object> get() {
            return installer.facts();
        }
    }

    /** For {@code --doctor}. */
    private Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("classes", wovenClasses.get());
        facts.put(
                "woven",
                weaver.classesByModule().entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .collect(Collectors.joining(", ")));
        facts.put(
                "trouble",
                Stream.concat(ownModules.trouble(), loaders.trouble()).sorted().collect(Collectors.joining("; ")));
        return facts;
    }
}

package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.host.Stderr;
import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.javaagent.trace.Module;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The modules of one class loader: what goes wrong there turns nothing off elsewhere. Thread-safe; refers to no loader. */
final class Modules {

    private final Settings settings;
    private final String where;
    private final Map<String, Module> byName = new ConcurrentHashMap<>();

    /** @param where whose modules they are, for people; empty for those of nobody in particular */
    Modules(Settings settings, String where) {
        this.settings = settings;
        this.where = where;
    }

    /** How people know a loader. */
    static Modules of(Settings settings, ClassLoader loader) {
        if (loader == ClassLoader.getSystemClassLoader()) {
            return new Modules(settings, "");
        }
        String name = null;
        try {
            name = loader.getName();
        } catch (Throwable unnamed) {
            // Its class says enough.
        }
        return new Modules(
                settings, " in " + (name == null ? "a " + loader.getClass().getName() : "the class loader " + name));
    }

    Module named(String name) {
        Module known = byName.get(name);
        if (known != null) {
            return known;
        }
        boolean enabled = settings.flag("scepsy.instrumentation." + name + ".enabled", true);
        Module made = new Module(name, enabled, new Saying(where));
        Module faster = byName.putIfAbsent(name, made);
        return faster == null ? made : faster;
    }

    private record Saying(String where) implements Consumer<String> {
        @Override
        public void accept(String line) {
            Stderr.say(line + where);
        }
    }

    /** What went wrong, module by module. */
    Stream<String> trouble() {
        return byName.values().stream()
                .filter(module -> module.isOff() || module.failures() > 0)
                .map(module -> module.name() + " " + (module.isOff() ? "off, " : "") + module.failures()
                        + (module.failures() == 1 ? " failure" : " failures") + where);
    }
}

package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.trace.Module;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.SoftReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import net.bytebuddy.description.field.FieldDescription;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDefinition;
import net.bytebuddy.description.type.TypeDescription;
import org.jspecify.annotations.Nullable;

/**
 * What a group of hooks calls of LangChain4j, and whether the application's LangChain4j has it. The list is made from the
 * hooks' class files when the agent is built; it is looked up in class files, so that nothing is loaded early.
 */
final class References {

    private static final String FOLDER = "dev/scepsy/javaagent/hook/";

    private final String group;
    private final ClassLoader application;
    private final Known known;
    private volatile @Nullable Boolean met;

    /**
     * @param group the simple name of the hooks' class
     * @param application the loader that has LangChain4j
     */
    References(String group, ClassLoader application) {
        this(group, application, new Known());
    }

    private References(String group, ClassLoader application, Known known) {
        this.group = group;
        this.application = application;
        this.known = known;
    }

    /** Those of another group in the same loader: what one has read, the other need not. */
    References ofGroup(String another) {
        return new References(another, application, known);
    }

    /** Whether all is there; looked up once, at the group's first call. */
    boolean areMet(Module module) {
        Boolean known = met;
        if (known == null) {
            known = check(module);
        }
        return known;
    }

    private synchronized boolean check(Module module) {
        Boolean known = met;
        if (known != null) {
            return known;
        }
        String missing;
        try {
            missing = missing();
        } catch (IOException | RuntimeException unreadable) {
            missing = null; // Not knowing is no reason to be silent: the hooks guard themselves.
        }
        if (missing != null) {
            module.unfit("this LangChain4j has no " + missing + "; use 1.8.0 or newer, or a newer agent");
        }
        met = missing == null;
        return missing == null;
    }

    /** The first reference that the application's LangChain4j does not have. */
    private @Nullable String missing() throws IOException {
        Map<String, Members> read = known.members();
        for (String reference : list()) {
            int end = reference.indexOf(' ');
            String type = end < 0 ? reference : reference.substring(0, end);
            if (!has(type, end < 0 ? null : reference.substring(end + 1), read)) {
                return reference.replace('/', '.');
            }
        }
        return null;
    }

    private List<String> list() throws IOException {
        try (InputStream in = References.class.getClassLoader().getResourceAsStream(FOLDER + group + ".references")) {
            String text = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.isEmpty() ? List.of() : List.of(text.split("\n"));
        }
    }

    private boolean has(String type, @Nullable String member, Map<String, Members> known) {
        Deque<String> open = new ArrayDeque<>();
        open.add(type);
        boolean first = true;
        while (!open.isEmpty()) {
            String at = open.poll();
            if (at.startsWith("java/")) {
                return true; // Inherited from the JDK: whatever it is, it is there.
            }
            Members members = known.get(at);
            if (members == null) {
                members = read(at);
                known.put(at, members);
            }
            if (!members.there) {
                if (first) { // A loader may have classes and show nobody their files.
                    return ClassSight.type(type.replace('/', '.'), application) != null;
                }
                continue;
            }
            if (member == null || members.declared.contains(member)) {
                return true;
            }
            first = false;
            for (String above : members.above) {
                if (!above.equals("java/lang/Object")) {
                    open.add(above);
                }
            }
        }
        return false;
    }

    /** The classes read so far, by all groups, until memory is short. */
    private static final class Known {

        private SoftReference<Map<String, Members>> members = new SoftReference<>(null);

        synchronized Map<String, Members> members() {
            Map<String, Members> read = members.get();
            if (read == null) {
                read = new ConcurrentHashMap<>();
                members = new SoftReference<>(read);
            }
            return read;
        }
    }

    private record Members(boolean there, Set<String> declared, Set<String> above) {}

    private Members read(String type) {
        TypeDescription described = Types.seenBy(application).named(type);
        Set<String> declared = new HashSet<>();
        for (MethodDescription method : described.getDeclaredMethods()) {
            declared.add(Weaver.signature(method));
        }
        for (FieldDescription field : described.getDeclaredFields()) {
            declared.add(field.getName() + ":" + field.getDescriptor());
        }
        Set<String> above = new HashSet<>();
        for (TypeDescription each : described.getInterfaces().asErasures()) {
            above.add(each.getInternalName());
        }
        TypeDefinition superClass = described.getSuperClass();
        if (superClass != null) {
            above.add(superClass.asErasure().getInternalName());
        }
        return new Members(!Types.isUnknown(described), declared, above);
    }
}

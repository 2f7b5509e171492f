package dev.scepsy.javaagent.install;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What stands above a class and the types that it names, as the JDK and the application's class files say: each file is read once.
 * For one class, by one thread.
 */
final class Types implements Declarations.Reader {

    private final ClassLoader loader;
    private final Map<Class<?>, Map<String, Boolean>> known = new HashMap<>();
    private final Map<String, Optional<ClassLook>> read = new HashMap<>();

    Types(ClassLoader loader) {
        this.loader = loader;
    }

    /**
     * What stands above a class, over however many steps.
     *
     * @param names internal names; of the JDK's types only those that a type of others extends or implements itself
     * @param complete whether all class files could be read
     */
    record Above(Set<String> names, boolean complete) {}

    /** By internal names; the sort is a type of the JDK. */
    boolean is(String type, Class<?> sort) {
        Map<String, Boolean> ofThisSort = known.get(sort);
        if (ofThisSort == null) {
            ofThisSort = new HashMap<>();
            known.put(sort, ofThisSort);
        }
        Boolean is = ofThisSort.get(type);
        if (is == null) {
            is = look(type, sort);
            ofThisSort.put(type, is);
        }
        return is;
    }

    /** The same for a class of which only the class file is there. */
    boolean is(ClassLook look, Class<?> sort) {
        for (String above : look.interfaces()) {
            if (is(above, sort)) {
                return true;
            }
        }
        return look.superName() != null && is(look.superName(), sort);
    }

    Above above(ClassLook look) {
        Set<String> names = new HashSet<>();
        Deque<ClassLook> open = new ArrayDeque<>();
        open.add(look);
        boolean complete = true;
        while (!open.isEmpty()) {
            ClassLook at = open.poll();
            List<String> next = new ArrayList<>(at.interfaces());
            if (at.superName() != null) {
                next.add(at.superName());
            }
            for (String name : next) {
                if (names.add(name) && !name.startsWith("java/")) {
                    ClassLook found = read(name);
                    complete &= found != null;
                    if (found != null) {
                        open.add(found);
                    }
                }
            }
        }
        return new Above(names, complete);
    }

    private boolean look(String type, Class<?> sort) {
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>();
        open.add(type);
        while (!open.isEmpty()) {
            String at = open.poll();
            if (!seen.add(at) || at.equals("java/lang/Object") || at.startsWith("[")) {
                continue;
            }
            if (at.startsWith("java/")) {
                Class<?> jdk = ClassSight.type(at.replace('/', '.'), ClassLoader.getPlatformClassLoader());
                if (jdk != null && sort.isAssignableFrom(jdk)) {
                    return true;
                }
                continue;
            }
            ClassLook look = read(at);
            if (look != null) {
                for (String above : look.interfaces()) {
                    open.add(above);
                }
                if (look.superName() != null) {
                    open.add(look.superName());
                }
            }
        }
        return false;
    }

    /** Null where the loader shows no such class file. */
    @Override
    public @Nullable ClassLook read(String name) {
        Optional<ClassLook> before = read.get(name);
        if (before == null) {
            byte[] classFile = ClassSight.classFile(name, loader);
            before = classFile == null ? Optional.empty() : Optional.of(ClassLook.at(classFile));
            read.put(name, before);
        }
        return before.orElse(null);
    }
}

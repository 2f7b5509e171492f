package dev.scepsy.javaagent.install;

import java.util.HashSet;
import java.util.Set;
import net.bytebuddy.jar.asm.ClassReader;
import org.jspecify.annotations.Nullable;

/**
 * The types that a class names, as its class file says: it can ask objects for no others by {@code instanceof} or a cast. Kept with
 * the class.
 *
 * @param all internal names; null where nobody shows the class file
 */
record TypeNames(@Nullable Set<String> all) {

    private static final int CLASS = 7;

    /** Every subscriber is of these. */
    private static final Set<String> OF_ALL =
            Set.of("java/lang/Object", "java/util/concurrent/Flow$Subscriber", "org/reactivestreams/Subscriber");

    private static final ClassValue<TypeNames> KNOWN = new ClassValue<>() {
        @Override
        protected TypeNames computeValue(Class<?> type) {
            return new TypeNames(read(type));
        }
    };

    static TypeNames in(Class<?> type) {
        return KNOWN.get(type);
    }

    private static @Nullable Set<String> read(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        byte[] classFile =
                loader == null ? null : ClassSight.classFile(type.getName().replace('.', '/'), loader);
        if (classFile == null) {
            return null;
        }
        ClassReader reader = ClassFiles.reader(classFile);
        char[] buffer = new char[reader.getMaxStringLength()];
        Set<String> names = new HashSet<>();
        for (int i = 1; i < reader.getItemCount(); i++) {
            int at = reader.getItem(i);
            if (at > 0 && reader.readByte(at - 1) == CLASS) {
                names.add(reader.readUTF8(at, buffer));
            }
        }
        return names;
    }

    /** Whether the class itself, or something that it extends or implements, is among them; also where that is not known. */
    boolean includesOneOf(@Nullable Class<?> type) {
        if (all == null) {
            return true;
        }
        if (type == null) {
            return false;
        }
        String name = type.getName().replace('.', '/');
        if (all.contains(name) && !OF_ALL.contains(name)) {
            return true;
        }
        for (Class<?> above : type.getInterfaces()) {
            if (includesOneOf(above)) {
                return true;
            }
        }
        return includesOneOf(type.getSuperclass());
    }
}

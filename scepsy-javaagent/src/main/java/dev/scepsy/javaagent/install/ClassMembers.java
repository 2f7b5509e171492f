package dev.scepsy.javaagent.install;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;

/**
 * What a class file declares (JVM specification, 4.1): code, annotations and all other attributes are stepped over.
 *
 * @param name internal name
 * @param superName null for {@code Object}
 * @param interfaces internal names
 */
record ClassMembers(
        String name, @Nullable String superName, List<String> interfaces, List<Member> fields, List<Member> methods) {

    /**
     * A field or method.
     *
     * @param access its flags
     */
    record Member(int access, String name, String descriptor) {}

    static ClassMembers of(ClassReader reader) {
        char[] buffer = new char[reader.getMaxStringLength()];
        int at = reader.header + 6;
        int count = reader.readUnsignedShort(at);
        List<String> interfaces = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            at += 2;
            interfaces.add(reader.readClass(at, buffer));
        }
        List<Member> fields = new ArrayList<>();
        at = members(reader, at + 2, buffer, fields);
        List<Member> methods = new ArrayList<>();
        members(reader, at, buffer, methods);
        return new ClassMembers(reader.getClassName(), reader.getSuperName(), interfaces, fields, methods);
    }

    /** Reads a table of fields or methods; gives where it ends. */
    private static int members(ClassReader reader, int start, char[] buffer, List<Member> into) {
        int at = start + 2;
        for (int left = reader.readUnsignedShort(start); left > 0; left--) {
            into.add(new Member(
                    reader.readUnsignedShort(at), reader.readUTF8(at + 2, buffer), reader.readUTF8(at + 4, buffer)));
            int attributes = reader.readUnsignedShort(at + 6);
            at += 8;
            for (int i = 0; i < attributes; i++) {
                at += 6 + reader.readInt(at + 2);
            }
        }
        return at;
    }
}

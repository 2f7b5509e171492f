package dev.scepsy.javaagent.install;

import java.util.ArrayList;
import java.util.List;
import net.bytebuddy.jar.asm.ClassReader;

/**
 * What a class file's constant pool tells (JVM specification, 4.4): whatever its code calls or makes is named there, so most
 * classes need not be looked at any further.
 */
final class ClassConstants {

    private static final int UTF8 = 1;
    private static final int METHOD = 10;
    private static final int INTERFACE_METHOD = 11;
    private static final int INVOKE_DYNAMIC = 18;

    private final List<Call> calls = new ArrayList<>();
    private final List<Made> made = new ArrayList<>(0);

    ClassConstants(ClassReader reader) {
        char[] buffer = new char[reader.getMaxStringLength()];
        for (int i = 1; i < reader.getItemCount(); i++) {
            int at = reader.getItem(i);
            int tag = at > 0 ? reader.readByte(at - 1) : 0;
            if (tag == METHOD || tag == INTERFACE_METHOD) {
                int method = reader.getItem(reader.readUnsignedShort(at + 2));
                calls.add(new Call(
                        reader.readClass(at, buffer),
                        reader.readUTF8(method, buffer),
                        reader.readUTF8(method + 2, buffer)));
            } else if (tag == INVOKE_DYNAMIC) {
                int call = reader.getItem(reader.readUnsignedShort(at + 2));
                String descriptor = reader.readUTF8(call + 2, buffer);
                int returned = descriptor.lastIndexOf(')') + 1;
                if (descriptor.charAt(returned) == 'L') {
                    made.add(new Made(
                            reader.readUTF8(call, buffer),
                            descriptor.substring(returned + 1, descriptor.length() - 1)));
                }
            }
        }
    }

    /** A method that the class calls or refers to; the owner's internal name. */
    record Call(String owner, String name, String descriptor) {}

    /** A lambda or reference that the class makes: its method's name, its type's internal name. */
    record Made(String method, String type) {}

    List<Call> calls() {
        return calls;
    }

    List<Made> made() {
        return made;
    }

    /** Whether there is this very text; of ASCII letters. */
    static boolean has(ClassReader reader, String text) {
        for (int i = 1; i < reader.getItemCount(); i++) {
            int at = reader.getItem(i);
            if (at > 0
                    && reader.readByte(at - 1) == UTF8
                    && reader.readUnsignedShort(at) == text.length()
                    && isAt(reader, at + 2, text)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAt(ClassReader reader, int at, String text) {
        for (int i = text.length() - 1; i >= 0; i--) { // Names differ most at their ends.
            if (reader.readByte(at + i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}

package dev.scepsy.javaagent;

import java.util.ArrayList;
import java.util.List;

/**
 * A glance at a class file's constant pool (JVM specification, 4.4), without parsing anything else. A class that implements,
 * overrides or calls LangChain4j, or carries {@code @Workflow}, names it there.
 */
final class ConstantPool {

    private static final byte[] TYPE = ascii("dev/langchain4j/");
    private static final byte[] ANNOTATION = ascii("Ldev/scepsy/langchain4j/Workflow;");

    private ConstantPool() {}

    /** Whether some text constant is a LangChain4j type, a method descriptor that begins with one, or {@code @Workflow}. */
    static boolean mentionsLangChain4j(byte[] classFile) {
        int count = unsignedShort(classFile, 8);
        int at = 10;
        for (int i = 1; i < count; i++) {
            switch (classFile[at]) {
                case 1 -> {
                    int length = unsignedShort(classFile, at + 1);
                    if (length >= TYPE.length && mentions(classFile, at + 3, length)) {
                        return true;
                    }
                    at += 3 + length;
                }
                case 7, 8, 16, 19, 20 -> at += 3;
                case 15 -> at += 4;
                case 5, 6 -> { // long and double take two entries
                    at += 9;
                    i++;
                }
                default -> at += 5;
            }
        }
        return false;
    }

    /** Whether some text constant is {@code @Workflow}'s descriptor. */
    static boolean mentionsWorkflow(byte[] classFile) {
        int[] offsets = offsets(classFile);
        for (int i = 1; i < offsets.length; i++) {
            int at = offsets[i];
            if (at > 0
                    && classFile[at] == 1
                    && unsignedShort(classFile, at + 1) == ANNOTATION.length
                    && startsWith(classFile, at + 3, ANNOTATION)) {
                return true;
            }
        }
        return false;
    }

    /** The internal names of a class's super class and of the interfaces that it implements or extends, directly. */
    static List<String> ancestors(byte[] classFile) {
        int[] offsets = offsets(classFile);
        int at = offsets[0] + 4; // after access flags and this class
        int count = unsignedShort(classFile, at + 2);
        List<String> names = new ArrayList<>(count + 1);
        if (unsignedShort(classFile, at) != 0) {
            names.add(className(classFile, offsets, at)); // Object and modules have none.
        }
        for (int i = 0; i < count; i++) {
            names.add(className(classFile, offsets, at + 4 + 2 * i));
        }
        return names;
    }

    private static String className(byte[] classFile, int[] offsets, int at) {
        int name = offsets[unsignedShort(classFile, offsets[unsignedShort(classFile, at)] + 1)];
        return new String(
                classFile, name + 3, unsignedShort(classFile, name + 1), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** Where each constant begins; at index 0, where the pool ends. */
    private static int[] offsets(byte[] classFile) {
        int[] offsets = new int[unsignedShort(classFile, 8)];
        int at = 10;
        for (int i = 1; i < offsets.length; i++) {
            offsets[i] = at;
            switch (classFile[at]) {
                case 1 -> at += 3 + unsignedShort(classFile, at + 1);
                case 7, 8, 16, 19, 20 -> at += 3;
                case 15 -> at += 4;
                case 5, 6 -> {
                    at += 9;
                    i++;
                }
                default -> at += 5;
            }
        }
        offsets[0] = at;
        return offsets;
    }

    private static boolean mentions(byte[] classFile, int at, int length) {
        return switch (classFile[at]) {
            case 'd' -> startsWith(classFile, at, TYPE);
            case '(' -> length > TYPE.length + 2 && startsWith(classFile, at + 2, TYPE);
            case 'L' -> length == ANNOTATION.length && startsWith(classFile, at, ANNOTATION);
            default -> false;
        };
    }

    private static boolean startsWith(byte[] bytes, int at, byte[] prefix) {
        for (int i = 0; i < prefix.length; i++) {
            if (bytes[at + i] != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    private static int unsignedShort(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }
}

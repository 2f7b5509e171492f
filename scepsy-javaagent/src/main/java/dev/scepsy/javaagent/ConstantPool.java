package dev.scepsy.javaagent;

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

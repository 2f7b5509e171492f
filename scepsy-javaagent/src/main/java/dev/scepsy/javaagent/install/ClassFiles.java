package dev.scepsy.javaagent.install;

import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;

/** Reads class files, those of Java versions too that ASM does not know yet: what is woven has not changed for years. */
final class ClassFiles {

    static final int API = Opcodes.ASM9;

    private static final int NEWEST_KNOWN = Opcodes.V27;

    private ClassFiles() {}

    static ClassReader reader(byte[] classFile) {
        int major = major(classFile);
        if (major <= NEWEST_KNOWN) {
            return new ClassReader(classFile);
        }
        byte[] older = classFile.clone();
        setMajor(older, NEWEST_KNOWN);
        return new ClassReader(older);
    }

    /** What was written, with the version of what was read. */
    static byte[] withVersionOf(byte[] classFile, byte[] written) {
        setMajor(written, major(classFile));
        return written;
    }

    private static int major(byte[] classFile) {
        return (classFile[6] & 0xFF) << 8 | (classFile[7] & 0xFF);
    }

    private static void setMajor(byte[] classFile, int major) {
        classFile[6] = (byte) (major >> 8);
        classFile[7] = (byte) major;
    }
}

package dev.scepsy.javaagent.install;

import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.utility.AsmClassReader;
import net.bytebuddy.utility.OpenedClassReader;

/** Reads class files, those of Java versions too that Byte Buddy does not know yet: what is woven has not changed for years. */
final class ClassFiles {

    static final int API = OpenedClassReader.ASM_API;

    /** The same for Byte Buddy. */
    static final AsmClassReader.Factory READERS = new Readers();

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

    private static final class Readers implements AsmClassReader.Factory {

        @Override
        public AsmClassReader make(byte[] classFile) {
            return new AsmClassReader.ForAsm(reader(classFile));
        }

        @Override
        public AsmClassReader make(byte[] classFile, boolean experimental) {
            return make(classFile);
        }
    }
}

package dev.scepsy.javaagent.install;

import static net.bytebuddy.matcher.ElementMatchers.hasSuperType;

import dev.scepsy.javaagent.trace.WorkflowDeclaration;
import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import net.bytebuddy.description.field.FieldDescription;
import net.bytebuddy.description.field.FieldList;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.method.MethodList;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.pool.TypePool;

/**
 * The types that one class loader sees, described by their class files: nothing is loaded, and each file is read once, for all
 * classes of the loader, until memory is short. The JDK's types are asked themselves. A type whose class file nobody shows is described
 * as one that has nothing above it, so that no question about types fails. Thread-safe; loaders are held weakly.
 */
final class Types {

    private static final Map<ClassLoader, SoftReference<Types>> KNOWN =
            Collections.synchronizedMap(new WeakHashMap<>());

    private final Pool pool;

    private Types(ClassLoader loader) {
        this.pool = new Pool(new Files(new WeakReference<>(loader)));
    }

    static Types seenBy(ClassLoader loader) {
        SoftReference<Types> reference = KNOWN.get(loader);
        Types known = reference == null ? null : reference.get();
        if (known == null) {
            known = new Types(loader);
            KNOWN.put(loader, new SoftReference<>(known));
        }
        return known;
    }

    /** By its name, which may be internal. */
    TypeDescription named(String name) {
        return pool.describe(name.replace('/', '.')).resolve();
    }

    /** As a class file describes a type that is about to be loaded, whatever its loader shows of it. */
    TypeDescription of(String internalName, byte[] classFile) {
        String name = internalName.replace('/', '.');
        return new Pool(ClassFileLocator.Simple.of(name, classFile)) {
            @Override
            public Resolution describe(String other) {
                return other.equals(name) ? super.describe(name) : pool.describe(other);
            }
        }.describe(name).resolve();
    }

    /** Whether the class of this internal name is, extends or implements a type of the JDK. */
    boolean is(String type, Class<?> sort) {
        return !type.startsWith("[") && named(type).isAssignableTo(sort);
    }

    /** Of a type above which not all is known. */
    static ElementMatcher<TypeDescription> hasUnknownSuperType() {
        return hasSuperType(Types::isUnknown);
    }

    static boolean isUnknown(TypeDescription type) {
        return (type.getModifiers() & Unknown.FLAG) != 0;
    }

    /** Has nothing above it and declares nothing. */
    private static class Unknown extends TypeDescription.Latent {

        /** No class file has this flag for a type. */
        private static final int FLAG = 1 << 20;

        private Unknown(String name, int modifiers) {
            super(name, modifiers, Generic.UNDEFINED);
        }

        @Override
        public MethodList<MethodDescription.InDefinedShape> getDeclaredMethods() {
            return new MethodList.Empty<>();
        }

        @Override
        public FieldList<FieldDescription.InDefinedShape> getDeclaredFields() {
            return new FieldList.Empty<>();
        }
    }

    /** {@code @Workflow}, which an application may carry that runs without its class. */
    private static final class Workflow extends Unknown {

        private Workflow() {
            super(WorkflowDeclaration.ANNOTATION, Opcodes.ACC_PUBLIC | Opcodes.ACC_INTERFACE | Opcodes.ACC_ANNOTATION);
        }

        @Override
        public MethodList<MethodDescription.InDefinedShape> getDeclaredMethods() {
            return new MethodList.Explicit<>(
                    member("name", String.class),
                    member("targetPerSecond", double.class),
                    member("weight", double.class));
        }

        private MethodDescription.InDefinedShape member(String name, Class<?> type) {
            return new MethodDescription.Latent(
                    this,
                    new MethodDescription.Token(
                            name,
                            Opcodes.ACC_PUBLIC | Opcodes.ACC_ABSTRACT,
                            TypeDescription.ForLoadedType.of(type).asGenericType()));
        }
    }

    private static class Pool extends TypePool.Default.WithLazyResolution {

        private Pool(ClassFileLocator files) {
            super(new ReadOnes(), files, ReaderMode.FAST, ClassFiles.READERS);
        }

        @Override
        protected Resolution doResolve(String name) {
            if (name.startsWith("java.")) {
                Class<?> jdk = ClassSight.type(name, ClassLoader.getPlatformClassLoader());
                return new Resolution.Simple(
                        jdk == null ? new Unknown(name, Unknown.FLAG) : TypeDescription.ForLoadedType.of(jdk));
            }
            if (name.equals(WorkflowDeclaration.ANNOTATION)) {
                return new Resolution.Simple(new Workflow());
            }
            Resolution found = super.doResolve(name);
            return found.isResolved() ? found : new Resolution.Simple(new Unknown(name, Unknown.FLAG));
        }
    }

    /** Keeps what was found: a loader may come to see what it does not see now. */
    private static final class ReadOnes extends TypePool.CacheProvider.Simple {
        @Override
        public TypePool.Resolution register(String name, TypePool.Resolution resolution) {
            return resolution.isResolved() ? super.register(name, resolution) : resolution;
        }
    }

    private record Files(WeakReference<ClassLoader> loader) implements ClassFileLocator {

        @Override
        public Resolution locate(String name) {
            ClassLoader there = loader.get();
            byte[] classFile = there == null ? null : ClassSight.classFile(name.replace('.', '/'), there);
            return classFile == null ? new Resolution.Illegal(name) : new Resolution.Explicit(classFile);
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}

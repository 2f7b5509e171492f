package dev.scepsy.javaagent.install;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.pool.TypePool;
import org.jspecify.annotations.Nullable;

/**
 * Work that a class hands to another thread, or puts after a future, takes the current operation along: the call sites
 * themselves say so, in LangChain4j's classes and in those of the application that use LangChain4j. Right for every
 * executor, and no class of the JDK is touched.
 *
 * <p>A lambda that is a task cannot say itself when it runs, so another lambda of the same class is put before it at once, before
 * anybody has seen it:
 *
 * <pre>
 * Bridge before = Bridge.of(() -> ...);
 * Runnable task = (Runnable) Bridge.is(before, before::run);
 * </pre>
 */
final class HandedOverWork extends ElementMatcher.Junction.AbstractBase<MethodDescription>
        implements AsmVisitorWrapper.ForDeclaredMethods.MethodVisitorWrapper {

    private static final String BRIDGE = "dev/scepsy/javaagent/bridge/Bridge";
    private static final String OBJECT = "java/lang/Object";
    private static final String METAFACTORY = "java/lang/invoke/LambdaMetafactory";
    private static final String FACTORY = "(Ljava/lang/Runnable;)Ljava/lang/Thread;";
    /** The functional interfaces whose method a reference to a hand-over may be, with that method's descriptor. */
    private static final Map<String, String> PASSING = Map.of(
            "java/util/function/Consumer", "(Ljava/lang/Object;)V",
            "java/util/function/Function", "(Ljava/lang/Object;)Ljava/lang/Object;",
            "java/util/function/BiConsumer", "(Ljava/lang/Object;Ljava/lang/Object;)V",
            "java/util/function/BiFunction", "(Ljava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;");

    private final Types types;
    private final boolean parallel;
    private final Map<String, Integer> methods = new HashMap<>();

    private HandedOverWork(Types types, boolean parallel) {
        this.types = types;
        this.parallel = parallel;
    }

    /** What a class hands over; null when nothing. */
    static @Nullable HandedOverWork in(ClassReader reader, ClassConstants constants, Types types) {
        boolean parallel = false;
        for (ClassConstants.Call call : constants.calls()) {
            parallel |= HandOver.isParallel(call.owner(), call.name(), call.descriptor());
        }
        HandedOverWork found = new HandedOverWork(types, parallel);
        if (!found.anyIn(constants)) {
            return null;
        }
        reader.accept(found.finding(), ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        return found.methods.isEmpty() ? null : found;
    }

    private boolean anyIn(ClassConstants constants) {
        for (ClassConstants.Call call : constants.calls()) {
            if (isHandOver(call.owner(), call.name(), call.descriptor())) {
                return true;
            }
        }
        for (ClassConstants.Made made : constants.made()) {
            if (isTask(made.method(), made.type())) {
                return true;
            }
        }
        return false;
    }

    private boolean isHandOver(String owner, String name, String descriptor) {
        return !HandOver.of(owner, name, descriptor, types, false, parallel).isEmpty();
    }

    private boolean isTask(String method, String type) {
        return (method.equals("run") && types.is(type, Runnable.class))
                || (method.equals("call") && types.is(type, Callable.class));
    }

    private ClassVisitor finding() {
        return new ClassVisitor(ClassFiles.API) {
            @Override
            public MethodVisitor visitMethod(
                    int access,
                    String name,
                    String descriptor,
                    @Nullable String signature,
                    String @Nullable [] thrown) {
                return new MethodVisitor(ClassFiles.API) {
                    private boolean found;

                    @Override
                    public void visitMethodInsn(
                            int opcode, String owner, String called, String how, boolean isInterface) {
                        found = found || isHandOver(owner, called, how);
                    }

                    @Override
                    public void visitInvokeDynamicInsn(String called, String how, Handle bootstrap, Object... about) {
                        found = found || isTask(called, how, bootstrap) || passed(how, bootstrap, about) != null;
                    }

                    @Override
                    public void visitMaxs(int maxStack, int maxLocals) {
                        if (found) {
                            methods.put(name + descriptor, maxLocals);
                        }
                    }
                };
            }
        };
    }

    /** The methods that hand something over. */
    @Override
    public boolean matches(@Nullable MethodDescription method) {
        return method != null && methods.containsKey(Weaver.signature(method));
    }

    /** Has such a method say so at its call sites; to be put around all else, because it needs local variables of its own. */
    @Override
    public MethodVisitor wrap(
            TypeDescription type,
            MethodDescription method,
            MethodVisitor visitor,
            Implementation.Context context,
            TypePool pool,
            int writerFlags,
            int readerFlags) {
        return new Capturing(
                visitor, methods.getOrDefault(Weaver.signature(method), 0), isFactory(method.getDescriptor()));
    }

    private static boolean isFactory(String descriptor) {
        return descriptor.endsWith(FACTORY.substring(1));
    }

    private boolean isTask(String name, String descriptor, Handle bootstrap) {
        if (!bootstrap.getOwner().equals(METAFACTORY) || !bootstrap.getName().equals("metafactory")) {
            return false;
        }
        return isTask(name, Type.getReturnType(descriptor).getInternalName());
    }

    /** What a reference to a method hands over when it is called; null when nothing. */
    private @Nullable HandOver passed(String descriptor, Handle bootstrap, Object[] about) {
        if (!bootstrap.getOwner().equals(METAFACTORY)
                || !bootstrap.getName().equals("metafactory")
                || !PASSING.containsKey(Type.getReturnType(descriptor).getInternalName())
                || !(about[1] instanceof Handle called)) {
            return null;
        }
        List<HandOver> found =
                HandOver.of(called.getOwner(), called.getName(), called.getDesc(), types, false, parallel);
        int arguments = Type.getArgumentTypes(called.getDesc()).length;
        return found.size() == 1 && found.get(0).argument() == arguments - 1 ? found.get(0) : null;
    }

    private final class Capturing extends MethodVisitor {

        private final int free;
        private final boolean factory;

        private Capturing(MethodVisitor visitor, int free, boolean factory) {
            super(ClassFiles.API, visitor);
            this.free = free;
            this.factory = factory;
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
            List<HandOver> handed = HandOver.of(owner, name, descriptor, types, factory, parallel);
            if (!handed.isEmpty()) {
                boolean receiver = opcode != Opcodes.INVOKESTATIC && !name.equals("<init>");
                say(handed, Type.getArgumentTypes(descriptor), receiver);
            }
            super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
        }

        /** Lays the arguments aside, has the bridge look at some of them, and puts them back. */
        private void say(List<HandOver> handed, Type[] arguments, boolean receiver) {
            int[] slots = new int[arguments.length];
            int next = free;
            for (int i = arguments.length - 1; i >= 0; i--) {
                slots[i] = next;
                super.visitVarInsn(arguments[i].getOpcode(Opcodes.ISTORE), next);
                next += arguments[i].getSize();
            }
            for (HandOver work : handed) {
                super.visitInsn(receiver ? Opcodes.DUP : Opcodes.ACONST_NULL);
                if (work.argument() < 0) {
                    super.visitInsn(Opcodes.DUP);
                    bridge(work);
                    super.visitInsn(Opcodes.POP);
                } else {
                    super.visitVarInsn(Opcodes.ALOAD, slots[work.argument()]);
                    bridge(work);
                    super.visitTypeInsn(Opcodes.CHECKCAST, arguments[work.argument()].getInternalName());
                    super.visitVarInsn(Opcodes.ASTORE, slots[work.argument()]);
                }
            }
            for (int i = 0; i < arguments.length; i++) {
                super.visitVarInsn(arguments[i].getOpcode(Opcodes.ILOAD), slots[i]);
            }
        }

        private void bridge(HandOver work) {
            super.visitLdcInsn(work.type());
            super.visitIntInsn(Opcodes.BIPUSH, work.place());
            super.visitMethodInsn(
                    Opcodes.INVOKESTATIC,
                    BRIDGE,
                    "handOver",
                    "(Ljava/lang/Object;Ljava/lang/Object;Ljava/lang/String;I)Ljava/lang/Object;",
                    false);
        }

        @Override
        public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... about) {
            super.visitInvokeDynamicInsn(name, descriptor, bootstrap, about);
            String type = Type.getReturnType(descriptor).getInternalName();
            if (isTask(name, descriptor, bootstrap)) {
                super.visitMethodInsn(
                        Opcodes.INVOKESTATIC, BRIDGE, "of", "(Ljava/lang/Object;)L" + BRIDGE + ";", false);
                before(bootstrap, type, name, name.equals("run") ? "()V" : "()Ljava/lang/Object;");
                return;
            }
            HandOver passed = passed(descriptor, bootstrap, about);
            if (passed != null) {
                super.visitLdcInsn(passed.type());
                super.visitIntInsn(Opcodes.BIPUSH, passed.place());
                super.visitMethodInsn(
                        Opcodes.INVOKESTATIC,
                        BRIDGE,
                        "passing",
                        "(Ljava/lang/Object;Ljava/lang/String;I)L" + BRIDGE + ";",
                        false);
                before(bootstrap, type, name, PASSING.getOrDefault(type, descriptor));
            }
        }

        /** The lambda before the lambda. */
        private void before(Handle metafactory, String type, String name, String descriptor) {
            Type method = Type.getMethodType(descriptor);
            super.visitInsn(Opcodes.DUP);
            super.visitInvokeDynamicInsn(
                    name,
                    "(L" + BRIDGE + ";)L" + type + ";",
                    metafactory,
                    method,
                    new Handle(Opcodes.H_INVOKEVIRTUAL, BRIDGE, name, descriptor, false),
                    method);
            super.visitMethodInsn(
                    Opcodes.INVOKESTATIC, BRIDGE, "is", "(L" + BRIDGE + ";L" + OBJECT + ";)L" + OBJECT + ";", false);
            super.visitTypeInsn(Opcodes.CHECKCAST, type);
        }
    }
}

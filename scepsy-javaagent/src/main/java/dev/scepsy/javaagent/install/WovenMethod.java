package dev.scepsy.javaagent.install;

import org.jspecify.annotations.Nullable;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.TypePath;

/**
 * One method that calls the bridge when it begins and on every way out of it:
 *
 * <pre>
 * token = Bridge.enter(site, this, arguments);      // the hook may replace arguments, where its target says so
 * try { ...the method...  return Bridge.exit(token, result, null); }
 * catch (Throwable error) { Bridge.exit(token, null, error); throw error; }
 * </pre>
 *
 * The token gets the local variable behind the arguments, the method's own ones move up by one. No jump is added and the
 * handler's frame knows nothing but the token, so no type needs to be looked up: nothing is loaded, and the frames are
 * those of the compiler. Reads expanded frames.
 */
final class WovenMethod extends MethodVisitor {

    private static final String BRIDGE = "dev/scepsy/javaagent/bridge/Bridge";
    private static final String OBJECT = "java/lang/Object";
    /** In the place of a site: the method is a task's, and tells that it runs. */
    static final int TASK = -2;

    private static final String BEGIN = "(Ljava/lang/Object;)Ljava/lang/Object;";
    private static final String ENTER = "(ILjava/lang/Object;[Ljava/lang/Object;)Ljava/lang/Object;";
    private static final String EXIT = "(Ljava/lang/Object;Ljava/lang/Object;Ljava/lang/Throwable;)Ljava/lang/Object;";

    private final boolean isStatic;
    private final Type[] arguments;
    private final Type returned;
    private final int site;
    private final boolean replaces;
    private final boolean hasFrames;
    private final int token;
    private final Label start = new Label();

    /** @param token the slot behind {@code this} and the arguments */
    private WovenMethod(
            MethodVisitor next,
            boolean isStatic,
            String descriptor,
            int token,
            int site,
            boolean replaces,
            boolean frames) {
        super(ClassFiles.API, next);
        this.isStatic = isStatic;
        this.arguments = Type.getArgumentTypes(descriptor);
        this.returned = Type.getReturnType(descriptor);
        this.token = token;
        this.site = site;
        this.replaces = replaces;
        this.hasFrames = frames;
    }

    /**
     * @param site the number of its hook
     * @param replaces whether the hook may put other arguments in place
     * @param classVersion of its class; older than 50: there are no frames
     */
    static WovenMethod of(
            MethodVisitor next, int access, String descriptor, int site, boolean replaces, int classVersion) {
        boolean isStatic = (access & Opcodes.ACC_STATIC) != 0;
        int token = (Type.getArgumentsAndReturnSizes(descriptor) >> 2) - (isStatic ? 1 : 0);
        return new WovenMethod(next, isStatic, descriptor, token, site, replaces, (classVersion & 0xFFFF) >= 50);
    }

    @Override
    public void visitCode() {
        super.visitCode();
        if (site == TASK) {
            super.visitVarInsn(Opcodes.ALOAD, 0);
            super.visitMethodInsn(Opcodes.INVOKESTATIC, BRIDGE, "begin", BEGIN, false);
            super.visitVarInsn(Opcodes.ASTORE, token);
            super.visitLabel(start);
            return;
        }
        push(site);
        if (isStatic) {
            super.visitInsn(Opcodes.ACONST_NULL);
        } else {
            super.visitVarInsn(Opcodes.ALOAD, 0);
        }
        pushArguments();
        if (replaces) {
            super.visitInsn(Opcodes.DUP);
            super.visitVarInsn(Opcodes.ASTORE, token + 1); // Not in use yet.
        }
        super.visitMethodInsn(Opcodes.INVOKESTATIC, BRIDGE, "enter", ENTER, false);
        super.visitVarInsn(Opcodes.ASTORE, token);
        if (replaces) {
            takeArguments();
        }
        super.visitLabel(start);
    }

    private void pushArguments() {
        push(arguments.length);
        super.visitTypeInsn(Opcodes.ANEWARRAY, OBJECT);
        int slot = isStatic ? 0 : 1;
        for (int i = 0; i < arguments.length; i++) {
            super.visitInsn(Opcodes.DUP);
            push(i);
            super.visitVarInsn(arguments[i].getOpcode(Opcodes.ILOAD), slot);
            box(arguments[i]);
            super.visitInsn(Opcodes.AASTORE);
            slot += arguments[i].getSize();
        }
    }

    private void takeArguments() {
        int slot = isStatic ? 0 : 1;
        for (int i = 0; i < arguments.length; i++) {
            if (isReference(arguments[i])) {
                super.visitVarInsn(Opcodes.ALOAD, token + 1);
                push(i);
                super.visitInsn(Opcodes.AALOAD);
                super.visitTypeInsn(Opcodes.CHECKCAST, arguments[i].getInternalName());
                super.visitVarInsn(Opcodes.ASTORE, slot);
            }
            slot += arguments[i].getSize();
        }
    }

    @Override
    public void visitInsn(int opcode) {
        if (opcode < Opcodes.IRETURN || opcode > Opcodes.RETURN) {
            super.visitInsn(opcode);
            return;
        }
        if (opcode == Opcodes.RETURN) {
            super.visitVarInsn(Opcodes.ALOAD, token);
            super.visitInsn(Opcodes.ACONST_NULL);
        } else {
            box(returned);
            super.visitVarInsn(Opcodes.ALOAD, token);
            super.visitInsn(Opcodes.SWAP);
        }
        super.visitInsn(Opcodes.ACONST_NULL);
        super.visitMethodInsn(Opcodes.INVOKESTATIC, BRIDGE, "exit", EXIT, false);
        if (opcode == Opcodes.RETURN) {
            super.visitInsn(Opcodes.POP);
        } else {
            unbox(returned);
        }
        super.visitInsn(opcode);
    }

    @Override
    public void visitMaxs(int maxStack, int maxLocals) {
        Label end = new Label();
        super.visitLabel(end);
        super.visitTryCatchBlock(start, end, end, null); // The last one: the method's own come first.
        if (hasFrames) {
            Object[] locals = new Object[token + 1];
            java.util.Arrays.fill(locals, Opcodes.TOP); // Arguments may have been assigned anything.
            locals[token] = OBJECT;
            super.visitFrame(Opcodes.F_NEW, locals.length, locals, 1, new Object[] {"java/lang/Throwable"});
        }
        super.visitInsn(Opcodes.DUP);
        super.visitVarInsn(Opcodes.ALOAD, token);
        super.visitInsn(Opcodes.SWAP);
        super.visitInsn(Opcodes.ACONST_NULL);
        super.visitInsn(Opcodes.SWAP);
        super.visitMethodInsn(Opcodes.INVOKESTATIC, BRIDGE, "exit", EXIT, false);
        super.visitInsn(Opcodes.POP);
        super.visitInsn(Opcodes.ATHROW);
        super.visitMaxs(maxStack, maxLocals);
    }

    @Override
    public void visitFrame(int type, int localCount, Object[] locals, int stackCount, Object[] stack) {
        Object[] shifted = new Object[localCount + token + 1];
        int slots = 0;
        int read = 0;
        int written = 0;
        while (slots < token) {
            Object local = read < localCount ? locals[read++] : Opcodes.TOP;
            slots += local == Opcodes.LONG || local == Opcodes.DOUBLE ? 2 : 1;
            shifted[written++] = local;
        }
        shifted[written++] = OBJECT;
        while (read < localCount) {
            shifted[written++] = locals[read++];
        }
        super.visitFrame(type, written, shifted, stackCount, stack);
    }

    @Override
    public void visitVarInsn(int opcode, int variable) {
        boolean wide = opcode == Opcodes.LSTORE || opcode == Opcodes.DSTORE;
        if (wide && variable == token - 1) {
            throw new IllegalStateException("a value lies across the border of the arguments");
        }
        super.visitVarInsn(opcode, moved(variable));
    }

    @Override
    public void visitIincInsn(int variable, int increment) {
        super.visitIincInsn(moved(variable), increment);
    }

    @Override
    public void visitLocalVariable(
            String name, String descriptor, @Nullable String signature, Label start, Label end, int index) {
        super.visitLocalVariable(name, descriptor, signature, start, end, moved(index));
    }

    @Override
    public org.objectweb.asm.@Nullable AnnotationVisitor visitLocalVariableAnnotation(
            int typeRef,
            TypePath typePath,
            Label[] start,
            Label[] end,
            int[] index,
            String descriptor,
            boolean visible) {
        int[] moved = index.clone();
        java.util.Arrays.setAll(moved, i -> moved(index[i]));
        return super.visitLocalVariableAnnotation(typeRef, typePath, start, end, moved, descriptor, visible);
    }

    private int moved(int variable) {
        return variable < token ? variable : variable + 1;
    }

    private void push(int number) {
        if (number <= 5) {
            super.visitInsn(Opcodes.ICONST_0 + number);
        } else {
            super.visitIntInsn(Opcodes.SIPUSH, number);
        }
    }

    private static boolean isReference(Type type) {
        return type.getSort() >= Type.ARRAY;
    }

    private void box(Type type) {
        if (!isReference(type)) {
            Primitive primitive = Primitive.of(type);
            super.visitMethodInsn(
                    Opcodes.INVOKESTATIC,
                    primitive.box,
                    "valueOf",
                    "(" + type.getDescriptor() + ")L" + primitive.box + ";",
                    false);
        }
    }

    private void unbox(Type type) {
        if (isReference(type)) {
            super.visitTypeInsn(Opcodes.CHECKCAST, type.getInternalName());
        } else {
            Primitive primitive = Primitive.of(type);
            super.visitTypeInsn(Opcodes.CHECKCAST, primitive.box);
            super.visitMethodInsn(
                    Opcodes.INVOKEVIRTUAL, primitive.box, primitive.unbox, "()" + type.getDescriptor(), false);
        }
    }

    /** The class that boxes a primitive type, and its method that gives it back. */
    private record Primitive(String box, String unbox) {

        static Primitive of(Type type) {
            return switch (type.getSort()) {
                case Type.BOOLEAN -> new Primitive("java/lang/Boolean", "booleanValue");
                case Type.CHAR -> new Primitive("java/lang/Character", "charValue");
                case Type.BYTE -> new Primitive("java/lang/Byte", "byteValue");
                case Type.SHORT -> new Primitive("java/lang/Short", "shortValue");
                case Type.INT -> new Primitive("java/lang/Integer", "intValue");
                case Type.LONG -> new Primitive("java/lang/Long", "longValue");
                case Type.FLOAT -> new Primitive("java/lang/Float", "floatValue");
                default -> new Primitive("java/lang/Double", "doubleValue");
            };
        }
    }
}

package dev.scepsy.javaagent.install;

import static net.bytebuddy.matcher.ElementMatchers.isMethod;
import static net.bytebuddy.matcher.ElementMatchers.isStatic;
import static net.bytebuddy.matcher.ElementMatchers.not;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.langchain4j.model.chat.ChatModel;
import dev.scepsy.javaagent.bridge.Bridge;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeavingTest {

    /** Methods of every shape; called by name. */
    public static class Shapes {
        private int calls;

        public void nothing() {
            calls++;
        }

        public static long wide(long a, double b, int c) {
            long sum = a;
            for (int i = 0; i < c; i++) {
                double half = b / 2;
                sum += (long) half;
            }
            return sum;
        }

        public String branches(Object value, boolean flag) {
            Object local = flag ? value : "other";
            try {
                if (local instanceof String text && !text.isEmpty()) {
                    return switch (text) {
                        case "a" -> "A";
                        case "other" -> "O";
                        default -> throw new IllegalStateException(text);
                    };
                }
                return local.toString();
            } catch (IllegalStateException expected) {
                return "caught " + expected.getMessage();
            } finally {
                calls++;
            }
        }

        public boolean reassigns(String argument, long other) {
            while (argument.length() < 5) {
                argument = argument + other;
                other++;
            }
            return argument.endsWith("3");
        }

        public synchronized float fails(char c, byte b, short s, float f) {
            if (c == 'x') {
                throw new UnsupportedOperationException("x");
            }
            return b + s + f;
        }

        public int[] arrays(int[][] all) {
            int[] last = null;
            for (int[] each : all) {
                last = each;
            }
            return last;
        }

        public static double lambdas(double x) {
            Supplier<Double> later = () -> x * 2;
            return later.get();
        }
    }

    private static final Weaving WEAVING = new Weaving();

    private final List<String> seen = new ArrayList<>();

    @Test
    void everyShapeOfMethodDoesWhatItDidAndTellsTheBridge() throws Exception {
        Class<?> woven = woven(Shapes.class, (self, arguments) -> {
            seen.add("enter " + Arrays.toString(arguments));
            return token();
        });
        Object shapes = woven.getConstructor().newInstance();
        seen.clear();

        assertThat(call(shapes, "nothing")).isNull();
        assertThat(call(shapes, "wide", 10L, 3.0, 4)).isEqualTo(14L);
        assertThat(call(shapes, "branches", "a", true)).isEqualTo("A");
        assertThat(call(shapes, "branches", "b", true)).isEqualTo("caught b");
        assertThat(call(shapes, "branches", null, false)).isEqualTo("O");
        assertThat(call(shapes, "branches", 7, true)).isEqualTo("7");
        assertThat(call(shapes, "reassigns", "ab", 1L)).isEqualTo(true);
        assertThat(call(shapes, "fails", 'a', (byte) 1, (short) 2, 0.5f)).isEqualTo(3.5f);
        assertThat(call(shapes, "arrays", (Object) new int[][] {{1}, {2, 3}})).isEqualTo(new int[] {2, 3});
        assertThat(call(shapes, "lambdas", 2.0)).isEqualTo(4.0);
        assertThat(catchThrowable(() -> call(shapes, "fails", 'x', (byte) 1, (short) 2, 0.5f)))
                .isInstanceOf(UnsupportedOperationException.class);

        assertThat(seen)
                .contains(
                        "enter []",
                        "exit null null",
                        "enter [10, 3.0, 4]",
                        "exit 14 null",
                        "exit caught b null",
                        "enter [x, 1, 2, 0.5]",
                        "exit null java.lang.UnsupportedOperationException: x");
    }

    @Test
    void aHookMayReplaceArgumentsAndResults() throws Exception {
        Class<?> woven = woven(Shapes.class, (self, arguments) -> {
            if (arguments.length == 2 && arguments[1] instanceof Boolean) {
                arguments[0] = "a";
                return (BiFunction<Object, Throwable, Object>) (result, error) -> result + "!";
            }
            return null;
        });

        assertThat(call(woven.getConstructor().newInstance(), "branches", "b", true))
                .isEqualTo("A!");
    }

    @Test
    void aHookThatFailsIsNotNoticed() throws Exception {
        Class<?> woven = woven(Shapes.class, (self, arguments) -> {
            throw new StackOverflowError();
        });

        assertThat(call(woven.getConstructor().newInstance(), "branches", "a", true))
                .isEqualTo("A");
    }

    @Test
    void aTokenThatFailsIsNotNoticedEither() throws Exception {
        Class<?> woven =
                woven(Shapes.class, (self, arguments) -> (BiFunction<Object, Throwable, Object>) (result, error) -> {
                    throw new NoClassDefFoundError();
                });
        Object shapes = woven.getConstructor().newInstance();

        assertThat(call(shapes, "branches", "a", true)).isEqualTo("A");
        assertThat(catchThrowable(() -> call(shapes, "fails", 'x', (byte) 1, (short) 2, 0.5f)))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    /** All of LangChain4j's core: compilers' frames of every sort. */
    @Test
    void everyMethodOfLangChain4jStillVerifies() throws Exception {
        Path jar = Path.of(ChatModel.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> names;
        try (JarFile file = new JarFile(jar.toFile())) {
            names = file.stream()
                    .map(ZipEntry::getName)
                    .filter(name -> name.endsWith(".class") && name.startsWith("dev/"))
                    .map(name -> name.substring(0, name.length() - 6).replace('/', '.'))
                    .sorted(Comparator.naturalOrder())
                    .toList();
        }
        WeavingLoader loader = new WeavingLoader("dev.langchain4j.");
        List<String> refused = new ArrayList<>();
        for (String name : names) {
            try {
                Class.forName(name, true, loader);
            } catch (VerifyError | ClassFormatError wrong) {
                refused.add(name + ": " + wrong.getMessage());
            } catch (LinkageError absent) {
                continue; // An optional dependency, or a static initialiser that wants one.
            }
        }

        assertThat(names).hasSizeGreaterThan(200);
        assertThat(refused).isEmpty();
    }

    /** A loader may have classes and show nobody their files. */
    @Test
    void noTypeNeedsToBeSeen() throws Exception {
        ClassLoader blind = new ClassLoader(null) {
            @Override
            public InputStream getResourceAsStream(String name) {
                return null;
            }
        };
        WeavingLoader loader = new WeavingLoader(Shapes.class.getName(), Types.seenBy(blind));

        Object shapes = Class.forName(Shapes.class.getName(), true, loader)
                .getConstructor()
                .newInstance();

        assertThat(call(shapes, "branches", "a", true)).isEqualTo("A");
    }

    /** Classes that have no frames, and those of a Java that nobody knows yet. */
    @ParameterizedTest
    @ValueSource(ints = {Opcodes.V1_4, Opcodes.V1_5, Opcodes.V1_6, Opcodes.V17})
    void classFilesOfEveryAgeAreWovenAndKeepTheirVersion(int version) throws Exception {
        ClassWriter writer = new ClassWriter(0);
        writer.visit(version, Opcodes.ACC_PUBLIC, "Old", null, "java/lang/Object", null);
        MethodVisitor method = writer.visitMethod(
                Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC, "length", "(Ljava/lang/String;)I", null, null);
        Label none = new Label();
        method.visitCode();
        method.visitVarInsn(Opcodes.ALOAD, 0);
        method.visitJumpInsn(Opcodes.IFNULL, none);
        method.visitVarInsn(Opcodes.ALOAD, 0);
        method.visitMethodInsn(Opcodes.INVOKEVIRTUAL, "java/lang/String", "length", "()I", false);
        method.visitVarInsn(Opcodes.ISTORE, 0); // Another type in the argument's place.
        method.visitVarInsn(Opcodes.ILOAD, 0);
        method.visitInsn(Opcodes.IRETURN);
        method.visitLabel(none);
        if (version >= Opcodes.V1_6) {
            method.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        }
        method.visitInsn(Opcodes.ICONST_M1);
        method.visitInsn(Opcodes.IRETURN);
        method.visitMaxs(1, 1);
        method.visitEnd();
        writer.visitEnd();
        byte[] classFile = writer.toByteArray();

        byte[] woven = WeavingLoader.weave(classFile, Types.seenBy(WeavingTest.class.getClassLoader()));
        classFile[7] = (byte) 199;
        byte[] newer = WeavingLoader.weave(classFile, Types.seenBy(WeavingTest.class.getClassLoader()));

        Method length = new WeavingLoader("Old").define(woven).getMethod("length", String.class);
        assertThat(length.invoke(null, "abc")).isEqualTo(3);
        assertThat(length.invoke(null, (Object) null)).isEqualTo(-1);
        assertThat(woven[7]).isEqualTo((byte) version);
        assertThat(newer[7]).isEqualTo((byte) 199);
        assertThat(newer.length).isGreaterThan(classFile.length);
    }

    private BiFunction<Object, Throwable, Object> token() {
        return (result, error) -> {
            seen.add("exit " + (result instanceof int[] ? "array" : result) + " " + error);
            return result;
        };
    }

    private static Object call(Object target, String name, Object... arguments) throws Exception {
        Method method = Arrays.stream(target.getClass().getMethods())
                .filter(each -> each.getName().equals(name))
                .findFirst()
                .orElseThrow();
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException thrown) {
            throw (Exception) thrown.getCause();
        }
    }

    private static Class<?> woven(Class<?> type, BiFunction<Object, Object[], Object> hook) throws Exception {
        WeavingLoader loader = new WeavingLoader(type.getName());
        Supplier<Object[]> link = () -> new Object[] {new BiFunction<?, ?, ?>[] {null, hook}, null};
        Class.forName(Bridge.class.getName(), true, loader)
                .getMethod("connect", Supplier.class)
                .invoke(null, link);
        return Class.forName(type.getName(), true, loader);
    }

    /** Weaves every method of the classes whose names begin so; has a bridge of its own. */
    private static final class WeavingLoader extends ClassLoader {

        private final String prefix;
        private final Types types;

        WeavingLoader(String prefix) {
            this(prefix, Types.seenBy(WeavingTest.class.getClassLoader()));
        }

        WeavingLoader(String prefix, Types types) {
            super(WeavingTest.class.getClassLoader());
            this.prefix = prefix;
            this.types = types;
        }

        Class<?> define(byte[] classFile) {
            return defineClass(null, classFile, 0, classFile.length);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            boolean bridge = name.equals(Bridge.class.getName());
            if (!bridge && !name.startsWith(prefix)) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = bridge ? in.readAllBytes() : weave(in.readAllBytes(), types);
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        private static byte[] weave(byte[] bytes, Types types) {
            ClassReader reader = ClassFiles.reader(bytes);
            TypeDescription type = types.of(reader.getClassName(), bytes);
            Map<String, Integer> sites = new HashMap<>();
            type.getDeclaredMethods().filter(isMethod()).forEach(method -> sites.put(Weaver.signature(method), 1));
            HandedOverWork handedOver = HandedOverWork.in(reader, new ClassConstants(reader), types);
            return WEAVING.woven(type, bytes, sites, Set.of(1), not(isStatic()).and(isMethod()), handedOver);
        }
    }
}

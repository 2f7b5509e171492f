package dev.scepsy.javaagent.install;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.namedOneOf;

import dev.scepsy.javaagent.advice.CallAdvice;
import dev.scepsy.javaagent.advice.ReplacingAdvice;
import dev.scepsy.javaagent.advice.Site;
import dev.scepsy.javaagent.advice.TaskAdvice;
import dev.scepsy.javaagent.bridge.Bridge;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.ClassFileVersion;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.field.FieldDescription;
import net.bytebuddy.description.field.FieldList;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.method.MethodList;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.dynamic.scaffold.MethodGraph;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.implementation.bytecode.StackManipulation;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import net.bytebuddy.implementation.bytecode.assign.TypeCasting;
import net.bytebuddy.implementation.bytecode.assign.primitive.PrimitiveTypeAwareAssigner;
import net.bytebuddy.implementation.bytecode.assign.primitive.VoidAwareAssigner;
import net.bytebuddy.implementation.bytecode.constant.IntegerConstant;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.pool.TypePool;
import org.jspecify.annotations.Nullable;

/**
 * Writes woven class files: the advice around methods, and what is handed over at call sites. No field and no method is added, and
 * nothing is loaded or looked up for it: references are cast by their types' names. Thread-safe.
 */
final class Weaving {

    private static final ClassLoader OWN = Weaving.class.getClassLoader();

    private final ByteBuddy byteBuddy = new ByteBuddy(ClassFileVersion.JAVA_V17)
            .with(TypeValidation.DISABLED)
            .with(MethodGraph.Compiler.ForDeclaredMethods.INSTANCE)
            .with(Implementation.Context.Disabled.Factory.INSTANCE)
            .with(ClassFiles.READERS);
    private final Sites sites = new Sites();
    private final Advice call = inlined(CallAdvice.class);
    private final Advice replacing = inlined(ReplacingAdvice.class);
    private final Advice task = inlined(TaskAdvice.class);

    Weaving() {
        rehearse();
    }

    /**
     * Weaves a class of our own, for nobody: what Byte Buddy needs for it is initialised by this one thread. Two threads that do so
     * at the same time may wait for each other for ever.
     */
    private void rehearse() {
        String name = Bridge.class.getName();
        TypeDescription type = Types.seenBy(OWN).named(name);
        Map<String, Integer> two = new HashMap<>();
        for (MethodDescription method : type.getDeclaredMethods().filter(namedOneOf("enter", "passing"))) {
            two.put(Weaver.signature(method), two.size());
        }
        woven(type, ownClass(name), two, Set.of(1), named("run"), null);
    }

    private static byte[] ownClass(String name) {
        return Objects.requireNonNull(ClassSight.classFile(name.replace('.', '/'), OWN), name);
    }

    private Advice inlined(Class<?> advice) {
        String name = advice.getName();
        return Advice.withCustomMapping()
                .with(ClassFiles.READERS)
                .bind(Site.class, sites)
                .to(Types.seenBy(OWN).named(name), ClassFileLocator.Simple.of(name, ownClass(name)))
                .withAssigner(ByName.ASSIGNER);
    }

    /**
     * The class with its woven methods.
     *
     * @param sites hooks' numbers by the methods' names and descriptors
     * @param replacing the sites whose hooks may put other arguments in place
     * @param tasks the methods that run when an object of the class does as a task
     * @param handedOver null where the class hands nothing over
     */
    byte[] woven(
            TypeDescription type,
            byte[] classFile,
            Map<String, Integer> sites,
            Set<Integer> replacing,
            ElementMatcher<MethodDescription> tasks,
            @Nullable HandedOverWork handedOver) {
        AsmVisitorWrapper.ForDeclaredMethods around = new AsmVisitorWrapper.ForDeclaredMethods()
                .writerFlags(ClassWriter.COMPUTE_MAXS)
                .method(tasks, task)
                .method(new At(sites, replacing, false), call)
                .method(new At(sites, replacing, true), this.replacing);
        if (handedOver != null) {
            around = around.invokable(handedOver, handedOver);
        }
        DynamicType.Builder<?> decorated = byteBuddy
                .decorate(type, ClassFileLocator.Simple.of(type.getName(), classFile))
                .visit(new EveryMethod(around));
        this.sites.ofThisClass.set(sites);
        try {
            return ClassFiles.withVersionOf(classFile, decorated.make().getBytes());
        } finally {
            this.sites.ofThisClass.remove();
        }
    }

    /** Byte Buddy would leave bridge methods out: those of tasks are the ones that run. */
    private record EveryMethod(AsmVisitorWrapper wrapper) implements AsmVisitorWrapper {

        @Override
        public int mergeWriter(int flags) {
            return wrapper.mergeWriter(flags);
        }

        @Override
        public int mergeReader(int flags) {
            return wrapper.mergeReader(flags);
        }

        @Override
        public ClassVisitor wrap(
                TypeDescription type,
                ClassVisitor visitor,
                Implementation.Context context,
                TypePool pool,
                FieldList<FieldDescription.InDefinedShape> fields,
                MethodList<?> methods,
                int writerFlags,
                int readerFlags) {
            return wrapper.wrap(
                    type, visitor, context, pool, fields, type.getDeclaredMethods(), writerFlags, readerFlags);
        }
    }

    /** The methods at sites whose hooks may put other arguments in place, or at those whose hooks may not. */
    private static final class At extends ElementMatcher.Junction.AbstractBase<MethodDescription> {

        private final Map<String, Integer> sites;
        private final Set<Integer> replacing;
        private final boolean replaced;

        private At(Map<String, Integer> sites, Set<Integer> replacing, boolean replaced) {
            this.sites = sites;
            this.replacing = replacing;
            this.replaced = replaced;
        }

        @Override
        public boolean matches(@Nullable MethodDescription method) {
            Integer site = method == null ? null : sites.get(Weaver.signature(method));
            return site != null && site >= 0 && replacing.contains(site) == replaced;
        }
    }

    /** The numbers of methods' hooks: advice is made once, and asks at each method. */
    private static final class Sites implements Advice.OffsetMapping {

        private final ThreadLocal<Map<String, Integer>> ofThisClass = new ThreadLocal<>();

        @Override
        public Target resolve(
                TypeDescription type,
                MethodDescription method,
                Assigner assigner,
                Advice.ArgumentHandler arguments,
                Sort sort) {
            Map<String, Integer> sites = Objects.requireNonNull(ofThisClass.get());
            int site = sites.getOrDefault(Weaver.signature(method), -1);
            return new Target.ForStackManipulation(IntegerConstant.forValue(site));
        }
    }

    /** Casts references without asking what their types are: these may be nowhere to be seen. */
    private enum ByName implements Assigner {
        INSTANCE;

        private static final Assigner ASSIGNER = new VoidAwareAssigner(new PrimitiveTypeAwareAssigner(INSTANCE));

        @Override
        public StackManipulation assign(TypeDescription.Generic source, TypeDescription.Generic target, Typing typing) {
            if (target.asErasure().getName().equals(Object.class.getName())
                    || source.asErasure().equals(target.asErasure())) {
                return StackManipulation.Trivial.INSTANCE;
            }
            return typing.isDynamic() ? TypeCasting.to(target.asErasure()) : StackManipulation.Illegal.INSTANCE;
        }
    }
}

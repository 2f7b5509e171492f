package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.trace.Coroutines;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import dev.scepsy.javaagent.trace.WorkflowDeclaration;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ForkJoinTask;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Weaves one class: finds the methods that targets or {@code @Workflow} name, in the order name, then hierarchy (read from
 * class files, nothing is loaded), and puts calls of the bridge into them. Adds no field and no method, so a loaded class can be woven too.
 */
final class Weaver {

    private final Loaders loaders;
    private final Declarations declarations = new Declarations();
    private final Map<String, Integer> classesByModule = new ConcurrentSkipListMap<>();

    Weaver(Loaders loaders) {
        this.loaders = loaders;
    }

    /** The woven class file; null when there is nothing to weave. */
    byte @Nullable [] weave(Module module, ClassLoader loader, String className, byte[] classFile)
            throws ReflectiveOperationException, IOException {
        ClassLook look = ClassLook.at(classFile);
        Map<String, Integer> sites = new HashMap<>();
        Map<String, Target> suspected = new HashMap<>();
        Set<Integer> replacing = new HashSet<>();
        for (Target target : Target.values()) {
            Ancestry covered = null;
            for (ClassLook.Method method : look.methods()) {
                if (target.names(method.name(), method.descriptor())) {
                    if (covered == null) {
                        covered = covers(target, look, loader);
                    }
                    if (covered == Ancestry.UNKNOWN) {
                        suspected.put(method.name() + method.descriptor(), target);
                    }
                    if (covered != Ancestry.YES) {
                        continue;
                    }
                    sites.put(method.name() + method.descriptor(), target.ordinal());
                    if (target.replacesArguments()) {
                        replacing.add(target.ordinal());
                    }
                }
            }
        }
        Map<String, Lambdas.Body> lambdas = Lambdas.in(classFile);
        Types types = new Types(loader);
        HandedOverWork handedOver = HandedOverWork.in(classFile, types);
        Set<String> tasks = tasks(look, types);
        Map<String, WorkflowDeclaration> declared = declarations.of(look, classFile, loader, Weaver::read);
        if (sites.isEmpty()
                && suspected.isEmpty()
                && lambdas.isEmpty()
                && handedOver == null
                && tasks.isEmpty()
                && declared.isEmpty()) {
            return null;
        }
        HookTable table = loaders.tableFor(loader);
        loaders.letRead(module, loader);
        Lambda maker = new Lambda(simpleName(look.name()));
        suspected.forEach((method, target) -> sites.computeIfAbsent(method, key -> {
            int site = table.addSuspected(target);
            if (target.replacesArguments()) {
                replacing.add(site);
            }
            return site;
        }));
        lambdas.forEach((method, body) -> sites.computeIfAbsent(method, key -> {
            int site = table.add(body.target(), maker, body.arguments());
            if (body.target().replacesArguments()) {
                replacing.add(site);
            }
            return site;
        }));
        declared.forEach((method, workflow) -> sites.computeIfAbsent(method, key -> {
            boolean suspending = Coroutines.isSuspending(method);
            int site = table.add(
                    "workflow",
                    suspending
                            ? (self, arguments) -> suspending(table, self, workflow, arguments)
                            : (self, arguments) -> begin(table, self, workflow, returnedBy(method), arguments));
            if (suspending) {
                replacing.add(site);
            }
            return site;
        }));
        byte[] woven = write(classFile, sites, replacing, handedOver, tasks);
        WovenClasses.add(loader, look.name());
        sites.values().stream()
                .map(Weaver::moduleOf)
                .distinct()
                .forEach(name -> classesByModule.merge(name, 1, Integer::sum));
        return woven;
    }

    /** The methods that run when the class's objects do as tasks. */
    private static Set<String> tasks(ClassLook look, Types types) {
        Set<String> found = new HashSet<>();
        for (ClassLook.Method method : look.methods()) {
            Class<?> sort = switch (method.name() + method.descriptor()) {
                case "run()V" -> Runnable.class;
                case "call()Ljava/lang/Object;" -> Callable.class;
                case "compute()V", "compute()Ljava/lang/Object;", "exec()Z" -> ForkJoinTask.class;
                default -> null;
            };
            if (sort != null && types.is(look, sort)) {
                found.add(method.name() + method.descriptor());
            }
        }
        return found;
    }

    /** How many classes each module has woven. */
    Map<String, Integer> classesByModule() {
        return classesByModule;
    }

    private static String moduleOf(int site) {
        return site >= 0 && site < Target.values().length ? Target.values()[site].module() : "workflow";
    }

    private static byte[] write(
            byte[] classFile,
            Map<String, Integer> sites,
            Set<Integer> replacing,
            @Nullable HandedOverWork handedOver,
            Set<String> tasks) {
        ClassReader reader = ClassFiles.reader(classFile);
        ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
        ClassVisitor weaving = new ClassVisitor(ClassFiles.API, writer) {

            private int classVersion;

            @Override
            public void visit(
                    int version,
                    int access,
                    String name,
                    @Nullable String signature,
                    @Nullable String superName,
                    String @Nullable [] interfaces) {
                classVersion = version;
                super.visit(version, access, name, signature, superName, interfaces);
            }

            @Override
            public @Nullable MethodVisitor visitMethod(
                    int access,
                    String name,
                    String descriptor,
                    @Nullable String signature,
                    String @Nullable [] exceptions) {
                MethodVisitor method = super.visitMethod(access, name, descriptor, signature, exceptions);
                if (method == null || (access & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE)) != 0) {
                    return method;
                }
                MethodVisitor inner = handedOver == null ? method : handedOver.capturing(name, descriptor, method);
                if ((access & Opcodes.ACC_STATIC) == 0 && tasks.contains(name + descriptor)) {
                    inner = WovenMethod.of(inner, access, descriptor, WovenMethod.TASK, false, classVersion);
                }
                int site = sites.getOrDefault(name + descriptor, -1);
                return site < 0
                        ? inner
                        : WovenMethod.of(inner, access, descriptor, site, replacing.contains(site), classVersion);
            }
        };
        reader.accept(weaving, ClassReader.EXPAND_FRAMES);
        return ClassFiles.withVersionOf(classFile, writer.toByteArray());
    }

    private static @Nullable Token begin(
            HookTable table, @Nullable Object self, WorkflowDeclaration declared, String returned, Object[] arguments) {
        Tracer tracer = table.tracer();
        Operation operation = execution(tracer, self, declared);
        if (operation == null) {
            return null;
        }
        table.entered(operation, arguments);
        return new Token(tracer, operation) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                return tracer.endings().end(operation, result, error, returned);
            }
        };
    }

    /** One call of a {@code suspend} function, however often it is entered. */
    private static @Nullable Token suspending(
            HookTable table, @Nullable Object self, WorkflowDeclaration declared, Object[] arguments) {
        Tracer tracer = table.tracer();
        int last = arguments.length - 1;
        if (Coroutines.goesOn(arguments[last])) {
            return null;
        }
        Operation outside = tracer.current();
        Operation operation = execution(tracer, self, declared);
        if (operation == null) {
            return null;
        }
        table.entered(operation, Arrays.copyOf(arguments, last));
        arguments[last] = Coroutines.observed(operation, arguments[last], outside);
        return new Token(tracer, operation) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                return Coroutines.isSuspended(result)
                        ? result
                        : tracer.endings().end(operation, result, error, "");
            }
        };
    }

    private static @Nullable Operation execution(Tracer tracer, @Nullable Object self, WorkflowDeclaration declared) {
        Operation current = tracer.current();
        Execution execution = new Execution(self, declared);
        return current != null
                        && current.kind() == OperationKind.WORKFLOW
                        && current.subject() instanceof Execution under
                        && under.isOf(execution)
                ? null // One entry of an annotated type calls another, or a method the one it overrides.
                : declared.begin(tracer, execution);
    }

    /** What is executed: a method's declaration, on an object. */
    private record Execution(@Nullable Object self, WorkflowDeclaration declared) {

        @SuppressWarnings("ReferenceEquality") // Two workflows may say the same of themselves.
        private boolean isOf(Execution other) {
            return declared == other.declared
                    || (self != null && self == other.self && declared.equals(other.declared));
        }
    }

    private static String simpleName(String internalName) {
        return internalName.substring(Math.max(internalName.lastIndexOf('/'), internalName.lastIndexOf('$')) + 1);
    }

    private static String returnedBy(String method) {
        return Type.getReturnType(method.substring(method.indexOf('('))).getClassName();
    }

    /** Whether a class is a target's, as far as class files tell. */
    private enum Ancestry {
        YES,
        NO,
        /** A class or interface above it could not be read. */
        UNKNOWN
    }

    private static Ancestry covers(Target target, ClassLook look, ClassLoader loader) {
        if (look.name().equals(target.type())) {
            return Ancestry.YES;
        }
        return target.coversSubtypes() ? isSubtype(look, target.type(), loader) : Ancestry.NO;
    }

    private static Ancestry isSubtype(ClassLook look, String type, ClassLoader loader) {
        Set<String> seen = new HashSet<>();
        Deque<ClassLook> open = new ArrayDeque<>();
        open.add(look);
        boolean allRead = true;
        while (!open.isEmpty()) {
            ClassLook at = open.poll();
            Set<String> above = new HashSet<>(at.interfaces());
            if (at.superName() != null) {
                above.add(at.superName());
            }
            if (above.contains(type)) {
                return Ancestry.YES;
            }
            for (String next : above) {
                if (!next.startsWith("java/") && seen.add(next)) {
                    ClassLook found = read(next, loader);
                    if (found != null) {
                        open.add(found);
                    } else {
                        allRead = false;
                    }
                }
            }
        }
        return allRead ? Ancestry.NO : Ancestry.UNKNOWN;
    }

    private static @Nullable ClassLook read(String name, ClassLoader loader) {
        byte[] classFile = ClassSight.classFile(name, loader);
        return classFile == null ? null : ClassLook.at(classFile);
    }
}

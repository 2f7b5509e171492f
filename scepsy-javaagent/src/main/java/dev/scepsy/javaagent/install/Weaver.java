package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.trace.Coroutines;
import dev.scepsy.javaagent.trace.Hook;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import dev.scepsy.javaagent.trace.WorkflowDeclaration;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
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

    private static final Set<String> TASK_METHODS = Set.of("run", "call", "compute", "exec");

    private final Loaders loaders;
    private final Declarations declarations = new Declarations();
    private final Map<String, Integer> classesByModule = new ConcurrentSkipListMap<>();

    Weaver(Loaders loaders) {
        this.loaders = loaders;
    }

    /** The woven class file; null when there is nothing to weave. */
    byte @Nullable [] weave(Module module, ClassLoader loader, String className, byte[] classFile)
            throws ReflectiveOperationException, IOException {
        ClassReader reader = ClassFiles.reader(classFile);
        ClassConstants constants = new ClassConstants(reader);
        ClassLook look = ClassLook.at(reader);
        Types types = new Types(loader);
        Map<String, Integer> sites = new HashMap<>();
        Map<String, Target> suspected = new HashMap<>();
        Set<Integer> replacing = new HashSet<>();
        Types.Above above = null;
        for (ClassLook.Method method : look.methods()) {
            for (Target target : Target.namingMethod(method.name())) {
                if (!target.names(method.name(), method.descriptor())) {
                    continue;
                }
                if (above == null) {
                    above = types.above(look);
                }
                if (covers(target, look, above)) {
                    sites.put(method.signature(), target.ordinal());
                    if (target.replacesArguments()) {
                        replacing.add(target.ordinal());
                    }
                } else if (target.coversSubtypes() && !above.complete()) {
                    suspected.put(method.signature(), target);
                }
            }
        }
        Map<String, Lambdas.Body> lambdas = Lambdas.in(reader, constants);
        HandedOverWork handedOver = HandedOverWork.in(reader, constants, types);
        Set<String> tasks = tasks(look, types);
        Map<String, WorkflowDeclaration> declared = declarations.of(look, classFile, loader, types);
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
        for (Map.Entry<String, Target> suspect : suspected.entrySet()) {
            Target target = suspect.getValue();
            if (!sites.containsKey(suspect.getKey())) {
                addSite(sites, replacing, suspect.getKey(), table.addSuspected(target), target.replacesArguments());
            }
        }
        for (Map.Entry<String, Lambdas.Body> lambda : lambdas.entrySet()) {
            Lambdas.Body body = lambda.getValue();
            if (!sites.containsKey(lambda.getKey())) {
                int site = table.add(body.target(), maker, body.arguments());
                addSite(sites, replacing, lambda.getKey(), site, body.target().replacesArguments());
            }
        }
        for (Map.Entry<String, WorkflowDeclaration> workflow : declared.entrySet()) {
            String method = workflow.getKey();
            if (!sites.containsKey(method)) {
                boolean suspending = Coroutines.isSuspending(method);
                Hook.Entry entry = suspending
                        ? new SuspendingEntry(table, workflow.getValue())
                        : new WorkflowEntry(table, workflow.getValue(), returnedBy(method));
                addSite(sites, replacing, method, table.add("workflow", entry), suspending);
            }
        }
        byte[] woven = write(reader, sites, replacing, handedOver, tasks);
        ClassFiles.withVersionOf(classFile, woven);
        WovenClasses.add(loader, look.name());
        count(sites.values());
        return woven;
    }

    private synchronized void count(Collection<Integer> sites) {
        Set<String> modules = new HashSet<>();
        for (int site : sites) {
            String module = moduleOf(site);
            if (modules.add(module)) {
                classesByModule.put(module, classesByModule.getOrDefault(module, 0) + 1);
            }
        }
    }

    private static void addSite(
            Map<String, Integer> sites, Set<Integer> replacing, String method, int site, boolean replaces) {
        sites.put(method, site);
        if (replaces) {
            replacing.add(site);
        }
    }

    private record WorkflowEntry(HookTable table, WorkflowDeclaration declared, String returned) implements Hook.Entry {
        @Override
        public @Nullable Token enter(@Nullable Object self, Object[] arguments) {
            return begin(table, self, declared, returned, arguments);
        }
    }

    private record SuspendingEntry(HookTable table, WorkflowDeclaration declared) implements Hook.Entry {
        @Override
        public @Nullable Token enter(@Nullable Object self, Object[] arguments) {
            return suspending(table, self, declared, arguments);
        }
    }

    /** The methods that run when the class's objects do as tasks. */
    private static Set<String> tasks(ClassLook look, Types types) {
        Set<String> found = new HashSet<>();
        for (ClassLook.Method method : look.methods()) {
            if (!TASK_METHODS.contains(method.name())) {
                continue;
            }
            Class<?> sort = switch (method.signature()) {
                case "run()V" -> Runnable.class;
                case "call()Ljava/lang/Object;" -> Callable.class;
                case "compute()V", "compute()Ljava/lang/Object;", "exec()Z" -> ForkJoinTask.class;
                default -> null;
            };
            if (sort != null && types.is(look, sort)) {
                found.add(method.signature());
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
            ClassReader reader,
            Map<String, Integer> sites,
            Set<Integer> replacing,
            @Nullable HandedOverWork handedOver,
            Set<String> tasks) {
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
        return writer.toByteArray();
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

    private static boolean covers(Target target, ClassLook look, Types.Above above) {
        return look.name().equals(target.type())
                || (target.coversSubtypes() && above.names().contains(target.type()));
    }
}

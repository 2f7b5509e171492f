package dev.scepsy.javaagent.install;

import static net.bytebuddy.matcher.ElementMatchers.isAbstract;
import static net.bytebuddy.matcher.ElementMatchers.isDeclaredBy;
import static net.bytebuddy.matcher.ElementMatchers.isNative;
import static net.bytebuddy.matcher.ElementMatchers.isStatic;
import static net.bytebuddy.matcher.ElementMatchers.isSubTypeOf;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.not;
import static net.bytebuddy.matcher.ElementMatchers.returns;
import static net.bytebuddy.matcher.ElementMatchers.takesNoArguments;

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
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ForkJoinTask;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.Type;
import net.bytebuddy.matcher.ElementMatcher;
import org.jspecify.annotations.Nullable;

/**
 * Weaves one class: finds the methods that targets or {@code @Workflow} name, in the order name, then hierarchy (read from
 * class files, nothing is loaded), and puts calls of the bridge into them. Adds no field and no method, so a loaded class can be woven too.
 */
final class Weaver {

    /** Methods that have code. */
    static final ElementMatcher.Junction<MethodDescription> WITH_CODE =
            not(isAbstract().or(isNative()));

    /** The methods that run when objects of their class do as tasks. */
    static final ElementMatcher.Junction<MethodDescription> TASKS = takesNoArguments()
            .and(WITH_CODE)
            .and(not(isStatic()))
            .and(task(Runnable.class, named("run").and(returns(void.class)))
                    .or(task(Callable.class, named("call").and(returns(Object.class))))
                    .or(task(
                            ForkJoinTask.class,
                            named("compute").and(returns(void.class).or(returns(Object.class)))))
                    .or(task(ForkJoinTask.class, named("exec").and(returns(boolean.class)))));

    private final Loaders loaders;
    private final Weaving weaving = new Weaving();
    private final Declarations declarations = new Declarations();
    private final Map<String, Integer> classesByModule = new ConcurrentSkipListMap<>();

    Weaver(Loaders loaders) {
        this.loaders = loaders;
    }

    private static ElementMatcher.Junction<MethodDescription> task(
            Class<?> sort, ElementMatcher.Junction<MethodDescription> method) {
        return method.and(isDeclaredBy(isSubTypeOf(sort)));
    }

    /** The woven class file; null when there is nothing to weave. */
    byte @Nullable [] weave(Module module, ClassLoader loader, String className, byte[] classFile)
            throws ReflectiveOperationException, IOException {
        ClassReader reader = ClassFiles.reader(classFile);
        ClassConstants constants = new ClassConstants(reader);
        Types types = Types.seenBy(loader);
        TypeDescription type = types.of(className, classFile);
        Map<String, Integer> sites = new HashMap<>();
        Map<String, Target> suspected = new HashMap<>();
        Set<Integer> replacing = new HashSet<>();
        for (MethodDescription.InDefinedShape method : type.getDeclaredMethods()) {
            for (Target target : Target.namingMethod(method.getName())) {
                if (!target.methods().and(WITH_CODE).matches(method)) {
                    continue;
                }
                if (target.types().matches(type)) {
                    sites.put(signature(method), target.ordinal());
                    if (target.replacesArguments()) {
                        replacing.add(target.ordinal());
                    }
                } else if (target.coversSubtypes()
                        && Types.hasUnknownSuperType().matches(type)) {
                    suspected.put(signature(method), target);
                }
            }
        }
        Map<String, Lambdas.Body> lambdas = Lambdas.in(reader, constants);
        HandedOverWork handedOver = HandedOverWork.in(reader, constants, types);
        boolean hasTasks = !type.getDeclaredMethods().filter(TASKS).isEmpty();
        Map<String, WorkflowDeclaration> declared = declarations.of(type, classFile, loader);
        if (sites.isEmpty()
                && suspected.isEmpty()
                && lambdas.isEmpty()
                && handedOver == null
                && !hasTasks
                && declared.isEmpty()) {
            return null;
        }
        HookTable table = loaders.tableFor(loader);
        loaders.letRead(module, loader);
        Lambda maker = new Lambda(simpleName(className));
        for (Map.Entry<String, Target> suspect : suspected.entrySet()) {
            Target target = suspect.getValue();
            if (!sites.containsKey(suspect.getKey())) {
                addSite(sites, replacing, suspect.getKey(), table.addSuspected(target), target.replacesArguments());
            }
        }
        for (Map.Entry<String, Lambdas.Body> lambda : lambdas.entrySet()) {
            Lambdas.Body body = lambda.getValue();
            if (!sites.containsKey(lambda.getKey())) {
                OptionalInt site = table.add(body.target(), maker, body.arguments());
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
        byte[] woven = weaving.woven(type, classFile, sites, replacing, TASKS, handedOver);
        WovenClasses.add(loader, className);
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
            Map<String, Integer> sites, Set<Integer> replacing, String method, OptionalInt site, boolean replaces) {
        if (site.isEmpty()) {
            return;
        }
        sites.put(method, site.getAsInt());
        if (replaces) {
            replacing.add(site.getAsInt());
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

    /** How many classes each module has woven. */
    Map<String, Integer> classesByModule() {
        return classesByModule;
    }

    private static String moduleOf(int site) {
        return site >= 0 && site < Target.values().length ? Target.values()[site].module() : "workflow";
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

    /** How a method is told from others of its class: name and descriptor. */
    static String signature(MethodDescription method) {
        return method.getInternalName() + method.getDescriptor();
    }

    static String simpleName(String internalName) {
        return internalName.substring(Math.max(internalName.lastIndexOf('/'), internalName.lastIndexOf('$')) + 1);
    }

    private static String returnedBy(String method) {
        return Type.getReturnType(method.substring(method.indexOf('('))).getClassName();
    }
}

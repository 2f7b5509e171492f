package dev.scepsy.javaagent.install;

import dev.scepsy.javaagent.advice.CallAdvice;
import dev.scepsy.javaagent.advice.ReplacingAdvice;
import dev.scepsy.javaagent.advice.Site;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import dev.scepsy.javaagent.trace.WorkflowDeclaration;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.dynamic.scaffold.InstrumentedType;
import net.bytebuddy.dynamic.scaffold.MethodGraph;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.jar.asm.Type;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.matcher.ElementMatchers;
import net.bytebuddy.pool.TypePool;
import org.jspecify.annotations.Nullable;

/**
 * Weaves one class: finds the methods that targets or {@code @Workflow} name, in the order name, then hierarchy (read from
 * class files, nothing is loaded), and inlines the advice. Adds no field and no method, so a loaded class can be woven too.
 */
final class Weaver {

    private final Loaders loaders;
    private final Tracer tracer;
    private final ByteBuddy byteBuddy = new ByteBuddy()
            .ignore(ElementMatchers.none()) // The bodies of lambdas are synthetic methods.
            .with(TypeValidation.DISABLED)
            .with(MethodGraph.Compiler.ForDeclaredMethods.INSTANCE)
            .with(InstrumentedType.Factory.Default.FROZEN)
            .with(Implementation.Context.Disabled.Factory.INSTANCE);
    private final Declarations declarations = new Declarations();
    private final Map<String, Integer> classesByModule = new ConcurrentSkipListMap<>();
    private final ClassFileLocator ownClasses = ClassFileLocator.ForClassLoader.of(Weaver.class.getClassLoader());

    Weaver(Loaders loaders, Tracer tracer) {
        this.loaders = loaders;
        this.tracer = tracer;
    }

    /** The woven class file; null when there is nothing to weave. */
    byte @Nullable [] weave(Module module, ClassLoader loader, String className, byte[] classFile)
            throws ReflectiveOperationException, IOException {
        ClassLook look = ClassLook.at(classFile);
        Map<String, Integer> sites = new HashMap<>();
        Set<Integer> replacing = new HashSet<>();
        for (Target target : Target.values()) {
            boolean covered = false;
            for (ClassLook.Method method : look.methods()) {
                if (target.names(method.name(), method.descriptor())) {
                    if (!covered && !(covered = covers(target, look, loader))) {
                        break;
                    }
                    sites.put(method.name() + method.descriptor(), target.ordinal());
                    if (target.replacesArguments()) {
                        replacing.add(target.ordinal());
                    }
                }
            }
        }
        Map<String, Lambdas.Body> lambdas = Lambdas.in(classFile);
        boolean handsWorkOver = HandedOverWork.mayBeIn(classFile);
        Map<String, WorkflowDeclaration> declared = declarations.of(look, loader, Weaver::read);
        if (sites.isEmpty() && lambdas.isEmpty() && !handsWorkOver && declared.isEmpty()) {
            return null;
        }
        HookTable table = loaders.tableFor(loader);
        loaders.letRead(module, loader);
        Lambda maker = new Lambda(simpleName(look.name()));
        lambdas.forEach((method, body) -> sites.computeIfAbsent(method, key -> {
            int site = table.add(body.target(), maker, body.arguments());
            if (body.target().replacesArguments()) {
                replacing.add(site);
            }
            return site;
        }));
        declared.forEach((method, workflow) -> sites.computeIfAbsent(
                method, key -> table.add("workflow", (self, arguments) -> begin(workflow, returnedBy(method)))));
        byte[] woven = write(loader, className, classFile, sites, replacing, handsWorkOver);
        sites.values().stream()
                .map(Weaver::moduleOf)
                .distinct()
                .forEach(name -> classesByModule.merge(name, 1, Integer::sum));
        return woven;
    }

    /** How many classes each module has woven. */
    Map<String, Integer> classesByModule() {
        return classesByModule;
    }

    private static String moduleOf(int site) {
        return site >= 0 && site < Target.values().length ? Target.values()[site].module() : "workflow";
    }

    private byte[] write(
            ClassLoader loader,
            String className,
            byte[] classFile,
            Map<String, Integer> sites,
            Set<Integer> replacing,
            boolean handsWorkOver) {
        String name = className.replace('/', '.');
        ClassFileLocator locator = new ClassFileLocator.Compound(
                ClassFileLocator.Simple.of(name, classFile), ClassFileLocator.ForClassLoader.of(loader));
        TypeDescription type = TypePool.Default.of(locator).describe(name).resolve();
        DynamicType.Builder<?> builder = byteBuddy.redefine(type, locator);
        for (int site : new HashSet<>(sites.values())) {
            if (site >= 0) {
                builder = builder.visit(advice(site, replacing.contains(site)).on(woven(sites, site)));
            }
        }
        if (handsWorkOver) {
            builder = builder.visit(HandedOverWork.capturing());
        }
        return builder.make().getBytes();
    }

    private Advice advice(int site, boolean replacing) {
        return Advice.withCustomMapping()
                .bind(Site.class, site)
                .to(replacing ? ReplacingAdvice.class : CallAdvice.class, ownClasses);
    }

    private static ElementMatcher<MethodDescription> woven(Map<String, Integer> sites, int site) {
        return method -> {
            Integer wanted = sites.get(method.getInternalName() + method.getDescriptor());
            return wanted != null && wanted == site;
        };
    }

    private @Nullable Token begin(WorkflowDeclaration declared, String returned) {
        Operation current = tracer.current();
        if (current != null && current.isCallOf(OperationKind.WORKFLOW, declared)) {
            return null; // One entry of an annotated type calls another.
        }
        Operation operation = declared.begin(tracer, declared);
        return new Token(tracer, operation) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                return tracer.endings().end(operation, result, error, returned);
            }
        };
    }

    private static String simpleName(String internalName) {
        return internalName.substring(Math.max(internalName.lastIndexOf('/'), internalName.lastIndexOf('$')) + 1);
    }

    private static String returnedBy(String method) {
        return Type.getReturnType(method.substring(method.indexOf('('))).getClassName();
    }

    private static boolean covers(Target target, ClassLook look, ClassLoader loader) {
        if (look.name().equals(target.type())) {
            return true;
        }
        return target.coversSubtypes() && isSubtype(look, target.type(), loader);
    }

    private static boolean isSubtype(ClassLook look, String type, ClassLoader loader) {
        Set<String> seen = new HashSet<>();
        Deque<ClassLook> open = new ArrayDeque<>();
        open.add(look);
        while (!open.isEmpty()) {
            ClassLook at = open.poll();
            Set<String> above = new HashSet<>(at.interfaces());
            if (at.superName() != null) {
                above.add(at.superName());
            }
            if (above.contains(type)) {
                return true;
            }
            for (String next : above) {
                if (!next.startsWith("java/") && seen.add(next)) {
                    ClassLook found = read(next, loader);
                    if (found != null) {
                        open.add(found);
                    }
                }
            }
        }
        return false;
    }

    private static @Nullable ClassLook read(String name, ClassLoader loader) {
        try (var in = loader.getResourceAsStream(name + ".class")) {
            return in == null ? null : ClassLook.at(in.readAllBytes());
        } catch (IOException unreadable) {
            return null;
        }
    }
}

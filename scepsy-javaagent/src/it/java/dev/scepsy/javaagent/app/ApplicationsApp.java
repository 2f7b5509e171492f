package dev.scepsy.javaagent.app;

import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A container: applications with an OpenTelemetry SDK each, one that has none, and one that calls another. They come, work and go;
 * in the end none may be in memory any more.
 */
public final class ApplicationsApp {

    private static final long PATIENCE_SECONDS = 60;
    private static final long POLL_MILLIS = 50;

    private static final List<WeakReference<ClassLoader>> DEPLOYED = new ArrayList<>();

    private ApplicationsApp() {}

    public static void main(String[] arguments) throws Exception {
        serve();
        for (int i = 0; i < 2; i++) {
            redeploy();
        }
        Thread.currentThread().setContextClassLoader(null);
        System.out.println(
                areGone()
                        ? "none is kept"
                        : "kept: "
                                + DEPLOYED.stream()
                                        .map(WeakReference::get)
                                        .filter(loader -> loader != null)
                                        .toList());
    }

    private static void serve() throws Exception {
        URLClassLoader a = deploy("A");
        URLClassLoader b = deploy("B");
        call(a, "set");
        call(b, "set");
        System.out.println("A " + call(a, "go", "A"));
        System.out.println("B " + call(b, "go", "B"));
        System.out.println("A " + call(a, "go", "A"));
        undeploy(b);
        System.out.println("B is undeployed");
        System.out.println("A " + call(a, "go", "A"));
        URLClassLoader c = deploy("C");
        work(c, "C");
        work(c, "C");
        nested(a);
        undeploy(a);
    }

    /** One application's workflow calls another application. */
    private static void nested(URLClassLoader a) throws Exception {
        URLClassLoader b = deploy("B again");
        call(b, "set");
        call(a, "forget");
        Runnable other = () -> {
            try {
                work(b, "B");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        };
        load(a, LoadedWork.class).getMethod("around", Runnable.class).invoke(null, other);
        boolean right = call(a, "exported").equals("invoke_workflow around root")
                && call(b, "exported")
                        .equals(
                                "chat B below workflow, chat B below workflow, invoke_workflow work below one elsewhere")
                && call(a, "traceIds").equals(call(b, "traceIds"));
        System.out.println(
                right
                        ? "nested: A and B have what is theirs, in one trace"
                        : "nested: " + call(a, "exported") + " and " + call(b, "exported"));
        undeploy(b);
    }

    private static void redeploy() throws Exception {
        URLClassLoader war = deploy("war");
        call(war, "set");
        call(war, "go", "war");
        undeploy(war);
    }

    private static URLClassLoader deploy(String name) {
        URL[] urls = Arrays.stream(System.getProperty("java.class.path").split(System.getProperty("path.separator")))
                .map(ApplicationsApp::url)
                .toArray(URL[]::new);
        URLClassLoader loader = new URLClassLoader(name, urls, ClassLoader.getPlatformClassLoader());
        DEPLOYED.add(new WeakReference<>(loader));
        return loader;
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static void undeploy(URLClassLoader loader) throws Exception {
        call(loader, "close");
        loader.close();
    }

    private static @Nullable Object call(ClassLoader loader, String method, String... arguments) throws Exception {
        Class<?>[] types = arguments.length == 0 ? new Class<?>[0] : new Class<?>[] {String.class};
        return load(loader, ApplicationSdk.class).getMethod(method, types).invoke(null, (Object[]) arguments);
    }

    private static void work(ClassLoader loader, String name) throws Exception {
        load(loader, LoadedWork.class).getMethod("go", String.class).invoke(null, name);
    }

    private static Class<?> load(ClassLoader loader, Class<?> same) throws ClassNotFoundException {
        Thread.currentThread().setContextClassLoader(loader);
        return Class.forName(same.getName(), true, loader);
    }

    private static boolean areGone() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() < deadline) {
            System.gc();
            if (DEPLOYED.stream().allMatch(one -> one.get() == null)) {
                return true;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS));
        }
        return false;
    }
}

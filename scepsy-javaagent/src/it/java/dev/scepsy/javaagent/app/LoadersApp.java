package dev.scepsy.javaagent.app;

import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A host that uses LangChain4j, and plug-ins with a copy of their own in loaders of every kind there is: each does the same work
 * twice, and the host again at the end.
 */
public final class LoadersApp {

    private static final String WORK = LoadedWork.class.getName();

    private LoadersApp() {}

    public static void main(String[] arguments) throws Exception {
        URL[] all = urls();
        ClassLoader host = LoadersApp.class.getClassLoader();
        go(host, "host");
        go(new OwnFirst(all, host, false), "child-first");
        go(new OwnFirst(all, host, true), "isolated");
        go(new URLClassLoader("scepsy-like-name", all, ClassLoader.getPlatformClassLoader()), "named-like-us");
        go(perJar(all), "loader-per-jar");
        go(
                new Faulty(all, host, name -> {
                    throw new UnsupportedOperationException("no resources here");
                }),
                "throwing-resources");
        go(
                new Faulty(all, host, name -> {
                    throw new AssertionError("no resources here");
                }),
                "error-in-resources");
        go(new Faulty(all, host, name -> {}), "no-resources");
        go(new Recursing(all, host), "recursing");
        go(new Rude(all, host), "throwing-for-unknown-classes");
        for (int i = 0; i < 20; i++) {
            go(new Script(host), "script");
        }
        go(host, "host-again");
    }

    private static void go(ClassLoader loader, String who) throws ReflectiveOperationException {
        for (int i = 0; i < 2; i++) {
            Object said = Class.forName(WORK, true, loader)
                    .getMethod("go", String.class)
                    .invoke(null, who);
            System.out.println(said);
        }
    }

    private static URL[] urls() {
        return Arrays.stream(System.getProperty("java.class.path").split(System.getProperty("path.separator")))
                .map(entry -> {
                    try {
                        return Path.of(entry).toUri().toURL();
                    } catch (MalformedURLException e) {
                        throw new IllegalArgumentException(e);
                    }
                })
                .toArray(URL[]::new);
    }

    /** Looks into its own jars first, and then nowhere (isolated) or in its parent's. */
    private static class OwnFirst extends URLClassLoader {

        private final boolean isolated;

        private OwnFirst(URL[] urls, @Nullable ClassLoader parent, boolean isolated) {
            super(urls, parent);
            this.isolated = isolated;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded != null) {
                    return loaded;
                }
                if (name.startsWith("java.") || name.startsWith("javax.")) {
                    return super.loadClass(name, resolve);
                }
                try {
                    return findClass(name);
                } catch (ClassNotFoundException notOurs) {
                    if (isolated) {
                        throw notOurs;
                    }
                    return super.loadClass(name, resolve);
                }
            }
        }
    }

    /** Defines classes, but shows nobody a resource. */
    private static final class Faulty extends OwnFirst {

        private final Consumer<String> asked;

        private Faulty(URL[] urls, ClassLoader parent, Consumer<String> asked) {
            super(urls, parent, false);
            this.asked = asked;
        }

        @Override
        public @Nullable URL getResource(String name) {
            asked.accept(name);
            return null;
        }

        @Override
        public @Nullable InputStream getResourceAsStream(String name) {
            asked.accept(name);
            return null;
        }

        @Override
        public Enumeration<URL> getResources(String name) {
            return Collections.emptyEnumeration();
        }
    }

    /** Asks a model whenever it is asked for a resource or a class: a loader with an opinion. */
    private static final class Recursing extends OwnFirst {

        private boolean asking;

        private Recursing(URL[] urls, ClassLoader parent) {
            super(urls, parent, false);
        }

        private void ask() {
            if (!asking) {
                asking = true;
                try {
                    LoadedWork.go("loader-itself");
                } finally {
                    asking = false;
                }
            }
        }

        @Override
        public @Nullable InputStream getResourceAsStream(String name) {
            ask();
            return super.getResourceAsStream(name);
        }

        @Override
        public Class<?> loadClass(String name) throws ClassNotFoundException {
            ask();
            return super.loadClass(name);
        }
    }

    /** Does not keep to the contract for classes that are not there. */
    private static final class Rude extends OwnFirst {

        private Rude(URL[] urls, ClassLoader parent) {
            super(urls, parent, true);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) {
            try {
                return super.loadClass(name, resolve);
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException("what is " + name, e);
            }
        }
    }

    /** One class of its own, all else its parent's: there may be thousands of these. */
    private static final class Script extends ClassLoader {

        private Script(ClassLoader parent) {
            super(parent);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded != null || !name.startsWith(LoadersApp.class.getPackageName() + ".Loaded")) {
                    return loaded != null ? loaded : super.loadClass(name, resolve);
                }
                try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                    byte[] bytes = in.readAllBytes();
                    return defineClass(name, bytes, 0, bytes.length);
                } catch (IOException e) {
                    throw new ClassNotFoundException(name, e);
                }
            }
        }
    }

    private static ClassLoader perJar(URL[] urls) {
        List<OwnJar> all = new ArrayList<>();
        for (URL url : urls) {
            all.add(new OwnJar(url, all));
        }
        return all.stream()
                .filter(one -> one.findResource(WORK.replace('.', '/') + ".class") != null)
                .findFirst()
                .orElseThrow();
    }

    /** Every jar a loader of its own, asked for what it has; no common parent. */
    private static final class OwnJar extends URLClassLoader {

        private final List<OwnJar> all;

        private OwnJar(URL url, List<OwnJar> all) {
            super(new URL[] {url}, getPlatformClassLoader());
            this.all = all;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            String file = name.replace('.', '/') + ".class";
            for (OwnJar one : all) {
                if (one.findResource(file) != null) {
                    return one.own(name);
                }
            }
            throw new ClassNotFoundException(name);
        }

        private Class<?> own(String name) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : super.findClass(name);
            }
        }
    }
}

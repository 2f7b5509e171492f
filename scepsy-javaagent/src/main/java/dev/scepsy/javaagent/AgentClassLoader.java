package dev.scepsy.javaagent;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.security.AllPermission;
import java.security.Permissions;
import java.security.ProtectionDomain;
import java.util.Collections;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * Loads what lies under {@code inst/} of the agent's jar, where no class-path scanner and no application class finds it:
 * Byte Buddy, the OpenTelemetry SDK, the planner, the installer. Sees the JDK and nothing of the application, and is seen by
 * nobody. Reads entries straight from the jar: works on a read-only file system.
 */
final class AgentClassLoader extends ClassLoader {

    private static final String FOLDER = "inst/";

    static {
        registerAsParallelCapable();
    }

    private final JarFile jar;

    /** All rights, whatever a policy says: our classes stand on the stack between the application's own. */
    private final ProtectionDomain rights;

    AgentClassLoader(File agentJar) {
        super("scepsy", getPlatformClassLoader());
        try {
            this.jar = new JarFile(agentJar, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Permissions all = new Permissions();
        all.add(new AllPermission());
        this.rights = new ProtectionDomain(
                AgentClassLoader.class.getProtectionDomain().getCodeSource(), all);
    }

    /** What lies in the jar is looked for there first: asking the parent for a thousand classes that it lacks takes long. */
    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (name.startsWith("java.")) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null) {
                JarEntry entry = entry(name.replace('.', '/') + ".class");
                loaded = entry == null ? super.loadClass(name, false) : define(name, entry);
            }
            return loaded;
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        JarEntry entry = entry(name.replace('.', '/') + ".class");
        if (entry == null) {
            throw new ClassNotFoundException(name);
        }
        return define(name, entry);
    }

    private Class<?> define(String name, JarEntry entry) throws ClassNotFoundException {
        byte[] bytes;
        try {
            bytes = read(entry);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
        int lastDot = name.lastIndexOf('.');
        if (lastDot > 0 && getDefinedPackage(name.substring(0, lastDot)) == null) {
            definePackageOnce(name.substring(0, lastDot));
        }
        return defineClass(name, bytes, 0, bytes.length, rights);
    }

    private void definePackageOnce(String name) {
        try {
            definePackage(name, null, null, null, null, null, null, null);
        } catch (IllegalArgumentException alreadyDefinedByAnotherThread) {
            // That is what we wanted.
        }
    }

    @Override
    protected @Nullable URL findResource(String name) {
        JarEntry entry = entry(name);
        if (entry == null) {
            return null;
        }
        try {
            return new URL("scepsy", null, -1, "/" + name, new EntryHandler(entry));
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    protected Enumeration<URL> findResources(String name) {
        URL found = findResource(name);
        return found == null ? Collections.emptyEnumeration() : Collections.enumeration(Collections.singleton(found));
    }

    private @Nullable JarEntry entry(String name) {
        return jar.getJarEntry(FOLDER + (name.endsWith(".class") ? name + "data" : name));
    }

    private byte[] read(JarEntry entry) throws IOException {
        byte[] bytes = new byte[(int) entry.getSize()]; // The jar is ours, and says how long its entries are.
        try (InputStream in = jar.getInputStream(entry)) {
            if (in.readNBytes(bytes, 0, bytes.length) < bytes.length) {
                throw new EOFException(entry.getName());
            }
        }
        return bytes;
    }

    /** Gives a resource's bytes through a URL, as {@link java.util.ServiceLoader} wants them. */
    private final class EntryHandler extends URLStreamHandler {

        private final JarEntry entry;

        private EntryHandler(JarEntry entry) {
            this.entry = entry;
        }

        @Override
        protected URLConnection openConnection(URL url) {
            return new URLConnection(url) {
                @Override
                public void connect() {
                    // Nothing to connect to: the bytes are read when asked for.
                }

                @Override
                public InputStream getInputStream() throws IOException {
                    return new ByteArrayInputStream(read(entry));
                }
            };
        }
    }
}

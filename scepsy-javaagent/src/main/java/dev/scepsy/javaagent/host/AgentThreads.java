package dev.scepsy.javaagent.host;

import java.security.PrivilegedAction;

/**
 * The agent's own threads: daemons in the JVM's topmost group, with nothing of whoever happens to make them (no class loader, no
 * inherited thread-locals, no access rights), so that they neither keep an application in memory nor stop with one.
 */
public final class AgentThreads {

    private AgentThreads() {}

    /** A daemon thread, not started. */
    public static Thread daemon(Runnable work, String name) {
        Thread thread = made(work, name);
        thread.setDaemon(true);
        return thread;
    }

    /** A thread for the JVM's exit, not started. */
    public static Thread atExit(Runnable work, String name) {
        return made(work, name);
    }

    private static Thread made(Runnable work, String name) {
        return Privileged.call(new Making(work, name));
    }

    private record Making(Runnable work, String name) implements PrivilegedAction<Thread> {
        @Override
        public Thread run() {
            ThreadGroup group = Thread.currentThread().getThreadGroup();
            for (ThreadGroup above = group; above != null; above = above.getParent()) {
                group = above;
            }
            Thread thread = new Thread(group, work, name, 0, false);
            thread.setContextClassLoader(AgentThreads.class.getClassLoader());
            return thread;
        }
    }
}

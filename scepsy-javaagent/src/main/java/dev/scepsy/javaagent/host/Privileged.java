package dev.scepsy.javaagent.host;

import java.security.AccessController;
import java.security.PrivilegedAction;

/**
 * Work of the agent's own on a thread of the application: what the application's classes on the stack may do does not count, and a
 * thread that is started there does not keep them. Without a security manager it is a plain call.
 */
@SuppressWarnings("removal") // As long as there are JVMs with security managers.
public final class Privileged {

    private Privileged() {}

    /** Does the work with the agent's own rights. */
    public static <T> T call(PrivilegedAction<T> work) {
        return AccessController.doPrivileged(work);
    }
}

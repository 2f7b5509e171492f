package dev.scepsy.javaagent;

import java.security.AccessController;
import java.security.PrivilegedActionException;
import java.security.PrivilegedExceptionAction;
import java.util.concurrent.Callable;

/** The agent's own work while a class of the application loads another, under a security manager: the agent's rights count. */
@SuppressWarnings("removal") // As long as there are JVMs with security managers.
final class Rights {

    private Rights() {}

    /** Whether nobody asks for rights. */
    static boolean areOurs() {
        return System.getSecurityManager() == null;
    }

    static <T> T call(Callable<T> work) throws Exception {
        try {
            return AccessController.doPrivileged((PrivilegedExceptionAction<T>) work::call);
        } catch (PrivilegedActionException failed) {
            throw failed.getException();
        }
    }
}

package dev.scepsy.javaagent.trace;

/**
 * What an ended operation still has to say of itself. A call hands over references and numbers while it runs; names are put
 * together and values boxed when, and only if, somebody reads them, normally not on the application's thread.
 */
@FunctionalInterface
public interface Description {

    /** Puts the attributes, and the name where it was not known before. Called once. */
    void describe(Operation ended);
}

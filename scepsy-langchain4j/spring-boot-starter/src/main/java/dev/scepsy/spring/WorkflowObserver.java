package dev.scepsy.spring;

import java.util.concurrent.Callable;

/** Something that looks on while a workflow's method runs. */
interface WorkflowObserver {

    <T> T observed(String workflow, Callable<T> work) throws Exception;
}

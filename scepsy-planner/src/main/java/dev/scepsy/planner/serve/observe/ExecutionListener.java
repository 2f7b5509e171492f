package dev.scepsy.planner.serve.observe;

/** Is told of every complete execution, on the folding thread; must be quick and not throw. */
@FunctionalInterface
public interface ExecutionListener {
    void folded(FoldedExecution execution);
}

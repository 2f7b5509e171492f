package dev.scepsy.javaagent.doctor;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/**
 * {@code java -jar scepsy-javaagent.jar --doctor PID}: says whether the agent is in that JVM, what it did there, and what keeps
 * spans from showing up. Reads the JVM's properties through the attach interface; changes nothing there. Needs a JDK.
 * {@code --doctor} alone lists the JVMs it can see.
 */
public final class Doctor {

    private static final int DONE = 0;
    private static final int BAD_INPUT = 2;

    /** An agent that has seen LangChain4j says more after the first operation, or else a second, and what it loads then. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long AGAIN_MILLIS = 100;

    private Doctor() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    /** The same without the exit: gives its code, 0 or 2. */
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        boolean asked = arguments.length >= 1 && arguments[0].equals("--doctor");
        try {
            if (asked && arguments.length == 1) {
                return list(out);
            }
            if (!asked || arguments.length != 2) {
                err.println("Usage: java -javaagent:scepsy-javaagent.jar ... to trace, or"
                        + " java -jar scepsy-javaagent.jar --doctor [PID] to look into a running JVM");
                return BAD_INPUT;
            }
            return look(arguments[1], out, err);
        } catch (NoClassDefFoundError noAttach) {
            err.println("This Java cannot look into another JVM (no module jdk.attach): run the doctor with a JDK.");
            return BAD_INPUT;
        }
    }

    private static int list(PrintStream out) {
        VirtualMachine.list().forEach(jvm -> {
            if (!jvm.id().equals(String.valueOf(ProcessHandle.current().pid()))) {
                out.println(jvm.id() + " " + Patient.program(jvm.displayName()));
            }
        });
        return DONE;
    }

    private static Facts factsOf(VirtualMachine jvm) throws IOException {
        long begun = System.nanoTime();
        Facts facts = Facts.of(jvm.getSystemProperties());
        while (facts.text("state").equals(Diagnosis.STARTING) && System.nanoTime() - begun < PATIENCE_NANOS) {
            try {
                Thread.sleep(AGAIN_MILLIS);
            } catch (InterruptedException hurried) {
                Thread.currentThread().interrupt();
                return facts;
            }
            facts = Facts.of(jvm.getSystemProperties());
        }
        return facts;
    }

    private static int look(String pid, PrintStream out, PrintStream err) {
        try {
            VirtualMachine jvm = VirtualMachine.attach(pid);
            try {
                Properties agent = jvm.getAgentProperties();
                Patient patient = new Patient(
                        factsOf(jvm),
                        agent.getProperty("sun.java.command", "unknown program"),
                        agent.getProperty("sun.jvm.args", ""));
                new Diagnosis(Probe::ask).of(patient).forEach(out::println);
            } finally {
                jvm.detach();
            }
            return DONE;
        } catch (AttachNotSupportedException | IOException | IllegalArgumentException unreachable) {
            err.println("The JVM (" + pid + ") cannot be attached to: " + unreachable.getMessage()
                    + ". Maybe it is not Java, has ended, or belongs to another user.");
            return BAD_INPUT;
        }
    }
}

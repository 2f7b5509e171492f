package dev.scepsy.javaagent;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.util.Properties;

/**
 * {@code java -jar scepsy-javaagent.jar --doctor PID}: says whether the agent is in that JVM, what it did there, and what may
 * keep spans from showing up. Reads the JVM's properties through the attach interface; changes nothing. Needs a JDK.
 */
public final class Doctor {

    /** Where a running agent says how it is. */
    static final String STATUS = "scepsy.agent.status";

    private static final int DONE = 0;
    private static final int BAD_INPUT = 2;

    private Doctor() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    private static int run(String[] arguments) {
        if (arguments.length != 2 || !arguments[0].equals("--doctor")) {
            System.err.println(
                    "Usage: java -javaagent:scepsy-javaagent.jar ... | java -jar scepsy-javaagent.jar --doctor PID");
            return BAD_INPUT;
        }
        try {
            VirtualMachine jvm = VirtualMachine.attach(arguments[1]);
            try {
                report(jvm.getSystemProperties(), jvm.getAgentProperties());
            } finally {
                jvm.detach();
            }
            return DONE;
        } catch (AttachNotSupportedException | IOException | IllegalArgumentException unreachable) {
            System.err.println("The JVM (" + arguments[1] + ") cannot be attached to: " + unreachable.getMessage()
                    + ". Maybe it is not Java, or belongs to another user.");
            return BAD_INPUT;
        }
    }

    private static void report(Properties system, Properties agent) {
        String status = system.getProperty(STATUS);
        System.out.println("Java " + system.getProperty("java.version") + ", "
                + agent.getProperty("sun.java.command", "unknown program"));
        if (status == null) {
            System.out.println("The Scepsy agent is not in this JVM. Put -javaagent:scepsy-javaagent.jar before -jar.");
            return;
        }
        System.out.println("The Scepsy agent is in this JVM: " + status);
        if ("false".equalsIgnoreCase(system.getProperty("scepsy.enabled"))) {
            System.out.println("It is switched off by scepsy.enabled=false.");
        } else if (status.contains("waiting")) {
            System.out.println(
                    "No LangChain4j class has been loaded: is it on the class path, and has it been used yet?");
        } else if (status.contains("exported 0 ")) {
            System.out.println("Nothing was exported: is something listening at "
                    + system.getProperty("otel.exporter.otlp.endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT")
                    + " (default http://localhost:4318), and does the sampler let anything through?");
        }
    }
}

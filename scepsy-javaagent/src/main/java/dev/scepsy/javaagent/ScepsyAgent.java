package dev.scepsy.javaagent;

import java.io.File;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The agent's entry: {@code -javaagent:scepsy-javaagent.jar[=key=value;key=value]}, or attached at run time.
 *
 * <p>Registers one cheap transformer ({@link FirstLook}) and returns. Byte Buddy, the OpenTelemetry SDK and the planner
 * start only when the first class to instrument appears. Never throws, never writes to stdout.
 */
public final class ScepsyAgent {

    private static final String INSTALLER = "dev.scepsy.javaagent.install.Installer";
    /** The property where a running agent says how it is, for {@code --doctor}. */
    private static final String STATUS = "scepsy.agent.status";

    private static final String ENABLED = "scepsy.enabled";

    /** Two agents of one name are one class: the first jar's. */
    private static boolean started;

    private ScepsyAgent() {}

    /** Called by the JVM before {@code main}. */
    public static void premain(@Nullable String options, Instrumentation instrumentation) {
        start(options, instrumentation, false);
    }

    /** Called by the JVM when the agent is attached to a running application. */
    public static void agentmain(@Nullable String options, Instrumentation instrumentation) {
        start(options, instrumentation, true);
    }

    private static void start(@Nullable String options, Instrumentation instrumentation, boolean attached) {
        try {
            if (started) {
                say(version() + " is in this JVM already; this second one does nothing");
                return;
            }
            adopt(options);
            if (!enabled()) {
                tell("state=off");
                say("switched off by " + ENABLED + "=false");
                return;
            }
            File jar = ownJar();
            FirstLook firstLook = new FirstLook(new Installing(jar, instrumentation));
            System.setProperty(STATUS, "state=waiting\nversion=" + version());
            instrumentation.addTransformer(firstLook, true);
            started = true;
            if (attached) {
                firstLook.lookAtLoadedClasses(instrumentation);
            }
            say(version() + " waits for LangChain4j (planner: " + setting("scepsy.planner", "observe") + ")");
        } catch (Throwable failure) {
            notStarted(failure);
        }
    }

    /** The way out of a failure: whatever is wrong here too, nobody else hears of it. */
    static void notStarted(Throwable failure) {
        try {
            String reason = failure instanceof SecurityException
                    ? failure.getMessage() + "; the security policy must grant it: grant codeBase \"" + codeBase()
                            + "\" { permission java.security.AllPermission; };"
                    : String.valueOf(failure);
            say("not started, the application runs without it: " + reason);
            tell("state=failed\nversion=" + version() + "\nproblem=" + reason);
        } catch (Throwable unsaid) {
            say("not started, the application runs without it");
        }
    }

    /** What the security manager may keep from us is where our own jar lies. */
    private static String codeBase() {
        try {
            return String.valueOf(
                    ScepsyAgent.class.getProtectionDomain().getCodeSource().getLocation());
        } catch (SecurityException kept) {
            return "file:/path/to/scepsy-javaagent.jar";
        }
    }

    private static void tell(String status) {
        try {
            System.setProperty(STATUS, status);
        } catch (SecurityException kept) {
            // The doctor will see less.
        }
    }

    /** No lambda: the first one of a JVM costs every application's start several milliseconds. */
    private record Installing(File jar, Instrumentation instrumentation) implements FirstLook.Start {
        @Override
        public ClassFileTransformer installer() throws ReflectiveOperationException {
            return (ClassFileTransformer) Class.forName(INSTALLER, true, new AgentClassLoader(jar))
                    .getConstructor(Instrumentation.class)
                    .newInstance(instrumentation);
        }
    }

    /** Turns {@code key=value;key=value} into system properties, where these are not set. */
    private static void adopt(@Nullable String options) {
        if (options == null || options.isBlank()) {
            return;
        }
        for (String option : options.split(";")) {
            int equals = option.indexOf('=');
            if (equals <= 0 && !option.isBlank()) {
                say("the agent's option (" + option.trim() + ") is no key=value; it is left out.");
            } else if (equals > 0) {
                String key = option.substring(0, equals).trim();
                System.getProperties()
                        .putIfAbsent(
                                key.startsWith("scepsy.") || key.startsWith("otel.") ? key : "scepsy." + key,
                                option.substring(equals + 1).trim());
            }
        }
    }

    private static boolean enabled() {
        String enabled = setting(ENABLED, "true").trim();
        if (!enabled.equalsIgnoreCase("true") && !enabled.equalsIgnoreCase("false")) {
            say(ENABLED + " (" + enabled + ") is neither true nor false; true is used.");
        }
        return !enabled.equalsIgnoreCase("false");
    }

    private static String setting(String key, String otherwise) {
        String property = System.getProperty(key);
        if (property != null) {
            return property;
        }
        String variable = System.getenv(key.replace('.', '_').toUpperCase(Locale.ROOT));
        return variable != null ? variable : otherwise;
    }

    static String version() {
        String version = ScepsyAgent.class.getPackage().getImplementationVersion();
        return version == null ? "(development)" : version;
    }

    private static File ownJar() throws URISyntaxException {
        return new File(ScepsyAgent.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    /** Standard error may be closed, replaced, or throw: then the line is lost and nothing else. */
    static void say(String line) {
        try {
            System.err.println("[scepsy] " + line);
        } catch (Throwable unheard) {
            // Nobody to tell.
        }
    }
}

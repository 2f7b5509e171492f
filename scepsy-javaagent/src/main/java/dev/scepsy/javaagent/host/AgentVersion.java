package dev.scepsy.javaagent.host;

/** Which agent writes: the name and version of the scope of its spans. */
public final class AgentVersion {

    /** The instrumentation scope. */
    public static final String SCOPE = "dev.scepsy.langchain4j";

    /** As the front door knows it from its jar and has said for the doctor. */
    public static final String TEXT = System.getProperty("scepsy.agent.status", "")
            .lines()
            .filter(line -> line.startsWith("version="))
            .findFirst()
            .map(line -> line.substring("version=".length()))
            .orElse("(development)");

    private AgentVersion() {}
}

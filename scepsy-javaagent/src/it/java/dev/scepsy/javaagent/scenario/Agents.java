package dev.scepsy.javaagent.scenario;

import dev.langchain4j.agentic.Agent;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;

/** The agents and services of the scenario. */
public final class Agents {

    public interface Background {
        @Agent(name = "background", outputKey = "facts", async = true, description = "finds facts")
        @UserMessage("facts about {{topic}}")
        String facts(@V("topic") String topic);
    }

    public interface Branch {
        @Agent(name = "branch", outputKey = "part", description = "one part")
        @UserMessage("a part about {{topic}}")
        String part(@V("topic") String topic);
    }

    public interface Writer {
        @Agent(name = "writer", outputKey = "story", description = "writes a story")
        @UserMessage("a story about {{topic}} with {{facts}}")
        String write(@V("topic") String topic, @V("facts") String facts);
    }

    public interface Assistant {
        String answer(String question);
    }

    public interface Narrator {
        TokenStream tell(String question);
    }

    public interface Librarian {
        String find(String question);
    }

    private Agents() {}
}

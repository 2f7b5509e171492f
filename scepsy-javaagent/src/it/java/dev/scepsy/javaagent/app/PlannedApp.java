package dev.scepsy.javaagent.app;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.scepsy.langchain4j.Workflow;
import java.io.IOException;

/**
 * Runs a workflow of one call as often as the second argument says, on the server at the first argument's address, says so, and lives until its
 * standard input ends.
 */
public final class PlannedApp {

    private final ChatModel model;

    private PlannedApp(ChatModel model) {
        this.model = model;
    }

    @Workflow(name = "answer", targetPerSecond = 0.5)
    String answer(String question) {
        return model.chat(question);
    }

    public static void main(String[] arguments) throws IOException {
        PlannedApp app = new PlannedApp(OpenAiChatModel.builder()
                .baseUrl(arguments[0])
                .apiKey("none")
                .modelName("assistant")
                .build());
        int runs = Integer.parseInt(arguments[1]);
        int answered = 0;
        for (int i = 0; i < runs; i++) {
            answered += app.answer("question " + i).isBlank() ? 0 : 1;
        }
        System.out.println(answered + " answered");
        while (System.in.read() >= 0) {
            // Whoever started us says when to end.
        }
    }
}

package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.scepsy.langchain4j.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConstantPoolTest {

    static class Unrelated {
        long number = 4_000_000_000L;
        double fraction = 0.25;
        String text = "not dev/langchain4j/ at the beginning";

        List<String> strings() {
            return List.of(text, String.valueOf(number), String.valueOf(fraction));
        }
    }

    static class Implementer implements ChatModel {}

    abstract static class Base implements ChatModel {}

    static class OverriderOfAnUnknownBase extends Base {
        @Override
        public ChatResponse doChat(ChatRequest request) {
            return super.doChat(request);
        }
    }

    static class Annotated {
        @Workflow(name = "w")
        void run() {}
    }

    @Test
    void aClassThatHasNothingToDoWithItIsPassedOver() throws IOException {
        assertThat(ConstantPool.mentionsLangChain4j(bytes(Unrelated.class))).isFalse();
        assertThat(ConstantPool.mentionsLangChain4j(bytes(String.class))).isFalse();
        assertThat(ConstantPool.mentionsLangChain4j(bytes(java.util.concurrent.ConcurrentHashMap.class)))
                .isFalse();
    }

    @Test
    void implementersOverridersAndAnnotatedClassesAreSeen() throws IOException {
        assertThat(ConstantPool.mentionsLangChain4j(bytes(Implementer.class))).isTrue();
        assertThat(ConstantPool.mentionsLangChain4j(bytes(OverriderOfAnUnknownBase.class)))
                .isTrue();
        assertThat(ConstantPool.mentionsLangChain4j(bytes(Annotated.class))).isTrue();
    }

    private static byte[] bytes(Class<?> type) throws IOException {
        try (InputStream in = type.getResourceAsStream("/" + type.getName().replace('.', '/') + ".class")) {
            return in.readAllBytes();
        }
    }

    @Test
    void namesTheTypesThatAClassExtendsAndImplementsItself() throws IOException {
        assertThat(ConstantPool.ancestors(bytes(java.util.ArrayList.class)))
                .containsExactly(
                        "java/util/AbstractList",
                        "java/util/List",
                        "java/util/RandomAccess",
                        "java/lang/Cloneable",
                        "java/io/Serializable");
        assertThat(ConstantPool.ancestors(bytes(Object.class))).isEmpty();
    }
}

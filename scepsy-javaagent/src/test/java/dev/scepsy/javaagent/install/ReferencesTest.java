package dev.scepsy.javaagent.install;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.trace.Module;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.MethodVisitor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lists of what hooks call of LangChain4j, and what a version does to a module that lacks some of it. */
class ReferencesTest {

    private static final String HOOKS = "dev/scepsy/javaagent/hook/";
    private static final String LANGCHAIN4J = "dev/langchain4j/";

    private final List<String> said = new ArrayList<>();
    private final Module module = new Module("chat", true, said::add);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ChatHooks",
                "StreamingHooks",
                "ModelHooks",
                "ToolHooks",
                "RetrievalHooks",
                "AiServiceHooks",
                "HttpHooks",
                "ListenerHooks",
                "PipelineHooks",
                "AgenticHooks"
            })
    void theListNamesExactlyWhatTheHooksCall(String group) throws IOException {
        Path list = Path.of("src/main/resources", HOOKS, group + ".references");
        Set<String> found = referencesOf(HOOKS + group);
        if (Boolean.getBoolean("scepsy.rewrite")) {
            Files.writeString(list, found.isEmpty() ? "" : String.join("\n", found) + "\n");
        }

        assertThat(Files.readAllLines(list))
                .as("rewrite it by running this test with -Dscepsy.rewrite=true")
                .containsExactlyElementsOf(found);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ChatHooks", "ModelHooks", "AgenticHooks"})
    void thePinnedVersionHasEverything(String group) {
        References references = new References(group, ReferencesTest.class.getClassLoader());

        assertThat(references.areMet(module)).as(said.toString()).isTrue();
        assertThat(module.isOff()).isFalse();
    }

    @Test
    void aVersionWithoutAMethodSwitchesTheModuleOffAndSaysSoOnce() {
        References references =
                new References("ChatHooks", new Doctored("dev/langchain4j/model/chat/ChatModel", "provider"));

        assertThat(references.areMet(module)).isFalse();
        assertThat(references.areMet(module)).isFalse();
        assertThat(module.isOff()).isTrue();
        assertThat(module.failures()).isEqualTo(1);
        assertThat(said)
                .singleElement()
                .asString()
                .contains("module chat switched off: this LangChain4j has no dev.langchain4j.model.chat.ChatModel"
                        + " provider()");
    }

    @Test
    void aVersionWithoutATypeDoesToo() {
        ClassLoader none = new ClassLoader(null) {
            @Override
            public @Nullable InputStream getResourceAsStream(String name) {
                return null;
            }
        };

        assertThat(new References("ToolHooks", none).areMet(module)).isFalse();
        assertThat(said).singleElement().asString().contains("this LangChain4j has no dev.langchain4j.");
    }

    /** Gives the real class files but for one method of one class. */
    private static final class Doctored extends ClassLoader {

        private final String type;
        private final String method;

        private Doctored(String type, String method) {
            super(ReferencesTest.class.getClassLoader());
            this.type = type;
            this.method = method;
        }

        @Override
        public @Nullable InputStream getResourceAsStream(String name) {
            InputStream real = super.getResourceAsStream(name);
            if (real == null || !name.equals(type + ".class")) {
                return real;
            }
            try (real) {
                ClassWriter writer = new ClassWriter(0);
                ClassFiles.reader(real.readAllBytes())
                        .accept(
                                new ClassVisitor(ClassFiles.API, writer) {
                                    @Override
                                    public @Nullable MethodVisitor visitMethod(
                                            int access,
                                            String name,
                                            String descriptor,
                                            @Nullable String signature,
                                            String @Nullable [] exceptions) {
                                        return name.equals(method)
                                                ? null
                                                : super.visitMethod(access, name, descriptor, signature, exceptions);
                                    }
                                },
                                0);
                return new ByteArrayInputStream(writer.toByteArray());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    /** Everything of LangChain4j that a hook class calls, with the other hook classes that it uses. */
    private static Set<String> referencesOf(String type) throws IOException {
        Set<String> found = new TreeSet<>();
        Set<String> seen = new HashSet<>(Set.of(type));
        Deque<String> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            Path file = Path.of("target/classes", open.poll() + ".class");
            ClassFiles.reader(Files.readAllBytes(file))
                    .accept(
                            new ClassVisitor(ClassFiles.API) {
                                @Override
                                public MethodVisitor visitMethod(
                                        int access,
                                        String name,
                                        String descriptor,
                                        @Nullable String signature,
                                        String @Nullable [] exceptions) {
                                    return new Finding(found, seen, open);
                                }
                            },
                            ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        }
        return found;
    }

    private static final class Finding extends MethodVisitor {

        private final Set<String> found;
        private final Set<String> seen;
        private final Deque<String> open;

        private Finding(Set<String> found, Set<String> seen, Deque<String> open) {
            super(ClassFiles.API);
            this.found = found;
            this.seen = seen;
            this.open = open;
        }

        private void uses(String owner, @Nullable String member) {
            if (owner.startsWith(LANGCHAIN4J)) {
                found.add(member == null ? owner : owner + " " + member);
            } else if (owner.startsWith(HOOKS) && seen.add(owner)) {
                open.add(owner);
            }
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
            uses(owner, name + descriptor);
        }

        @Override
        public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
            uses(owner, name + ":" + descriptor);
        }

        @Override
        public void visitTypeInsn(int opcode, String type) {
            uses(type, null);
        }

        @Override
        public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
            for (Object argument : arguments) {
                if (argument instanceof Handle handle) {
                    uses(handle.getOwner(), handle.getName() + handle.getDesc());
                }
            }
        }
    }
}

package dev.scepsy.javaagent.app;

import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Steps of random programs whose code, and often LangChain4j itself, comes from a class loader of its own: one that looks into its
 * own jars first, one that sees nothing of the application, one that only leaves its code to the parent's LangChain4j.
 */
final class LoadedSteps {

    private static final String HERE = "dev.scepsy.javaagent.app.";
    private static final URL[] ALL = urls();
    private static final List<ClassLoader> LASTING = List.of(fresh(0), fresh(1), fresh(2));

    private LoadedSteps() {}

    /** What one of the loaders' own code makes of the message, and which of the classes it sees are the application's. */
    static String asked(String message, Random dice) throws ReflectiveOperationException {
        int kind = dice.nextInt(LASTING.size());
        ClassLoader loader = dice.nextInt(4) == 0 ? fresh(kind) : LASTING.get(kind);
        Class<?> code = Class.forName(HERE + "LoadedSteps$Code", true, loader);
        @SuppressWarnings("unchecked")
        BiFunction<String, Boolean, String> made = (BiFunction<String, Boolean, String>)
                code.getDeclaredConstructor().newInstance();
        boolean ownLibrary =
                loader.loadClass("dev.langchain4j.model.chat.ChatModel") != dev.langchain4j.model.chat.ChatModel.class;
        return kind + made.apply(message, dice.nextBoolean()) + (code == Code.class) + ownLibrary;
    }

    private static ClassLoader fresh(int kind) {
        ClassLoader here = LoadedSteps.class.getClassLoader();
        return switch (kind) {
            case 0 -> new OwnFirst(here, "");
            case 1 -> new URLClassLoader(ALL, ClassLoader.getPlatformClassLoader());
            default -> new OwnFirst(here, HERE + "LoadedSteps$Code");
        };
    }

    private static URL[] urls() {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(System.getProperty("path.separator"))) {
            try {
                urls.add(Path.of(entry).toUri().toURL());
            } catch (MalformedURLException e) {
                throw new IllegalArgumentException(e);
            }
        }
        return urls.toArray(URL[]::new);
    }

    /** Looks into its own jars first for names that begin so. */
    private static final class OwnFirst extends URLClassLoader {

        private final String own;

        private OwnFirst(@Nullable ClassLoader parent, String own) {
            super(ALL, parent);
            this.own = own;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded != null) {
                    return loaded;
                }
                if (name.startsWith("java.") || !name.startsWith(own)) {
                    return super.loadClass(name, resolve);
                }
                try {
                    return findClass(name);
                } catch (ClassNotFoundException notOurs) {
                    return super.loadClass(name, resolve);
                }
            }
        }
    }

    /** What runs in each loader, with the LangChain4j that it sees. */
    public static final class Code implements BiFunction<String, Boolean, String> {

        private static final UnaryOperator<String> MODEL = model();

        public Code() {}

        private static UnaryOperator<String> model() {
            dev.langchain4j.model.chat.ChatModel model = new dev.langchain4j.model.chat.ChatModel() {
                @Override
                public dev.langchain4j.model.chat.request.ChatRequestParameters defaultRequestParameters() {
                    return dev.langchain4j.model.chat.request.ChatRequestParameters.builder()
                            .modelName("m")
                            .build();
                }

                @Override
                public dev.langchain4j.model.chat.response.ChatResponse doChat(
                        dev.langchain4j.model.chat.request.ChatRequest request) {
                    String asked = ((dev.langchain4j.data.message.UserMessage)
                                    request.messages().get(0))
                            .singleText();
                    return dev.langchain4j.model.chat.response.ChatResponse.builder()
                            .aiMessage(dev.langchain4j.data.message.AiMessage.from("loaded " + asked))
                            .id(asked.substring(0, asked.indexOf(' ')) + "/loaded")
                            .build();
                }
            };
            return model::chat;
        }

        /** Asks the model, here or on a thread of its own. */
        @Override
        public String apply(String message, Boolean elsewhere) {
            if (!elsewhere) {
                return MODEL.apply(message);
            }
            String[] answer = new String[1];
            Thread thread = new Thread(() -> answer[0] = MODEL.apply(message), "loaded");
            thread.start();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return answer[0];
        }
    }
}

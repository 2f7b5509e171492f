package dev.scepsy.javaagent.app;

import java.util.List;

/** All applications in one JVM, one after the other: the first argument is the models' server, the others name them. */
public final class EverythingApp {

    private EverythingApp() {}

    public static void main(String[] arguments) throws Exception {
        String[] server = {arguments[0]};
        for (String name : List.of(arguments).subList(1, arguments.length)) {
            System.out.println("== " + name);
            Class.forName("dev.scepsy.javaagent.app." + name)
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) server);
        }
    }
}

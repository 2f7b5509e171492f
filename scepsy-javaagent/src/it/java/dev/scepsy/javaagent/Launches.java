package dev.scepsy.javaagent;

import dev.scepsy.javaagent.Environment.Launch;
import dev.scepsy.javaagent.scenario.Main;
import dev.scepsy.javaagent.scenario.war.ScenarioServlet;
import dev.scepsy.javaagent.scenario.war.TomcatMain;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;

/**
 * The scenario, packed in every way, in a folder that every user can read. Each is made once, when it is first asked for.
 * Thread-safe.
 */
final class Launches implements AutoCloseable {

    private static final String SCENARIO = "dev/scepsy/javaagent/scenario/";

    private final Path folder;
    private final Map<String, Path> made = new HashMap<>();

    Launches() {
        try {
            folder = Files.createTempDirectory("scepsy-environments");
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A folder that everybody can read, and its owner can write. */
    Path folder() {
        return folder;
    }

    /** A file of this machine where everybody can read it. */
    synchronized Path copy(String path) {
        return make(path, key -> {
            try {
                Path to = folder.resolve(Path.of(path).getFileName().toString());
                return Files.copy(Path.of(path), to);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /**
     * The JVM's arguments that start the scenario, without its own.
     *
     * @param libraries parts of the paths of libraries it has beside LangChain4j
     */
    synchronized List<String> command(Launch launch, List<String> libraries) {
        return switch (launch) {
            case CLASS_PATH -> List.of("-cp", classPath(libraries), Main.class.getName());
            case SPRING_BOOT_3_JAR -> List.of("-jar", fatJar(3, libraries).toString());
            case SPRING_BOOT_4_JAR -> List.of("-jar", fatJar(4, libraries).toString());
            case TOMCAT_WAR ->
                List.of(
                        "-cp",
                        tomcat(),
                        TomcatMain.class.getName(),
                        war(libraries).toString());
            case MODULE_PATH ->
                List.of(
                        "--module-path",
                        module(libraries) + File.pathSeparator + libraryPath(libraries),
                        "--add-modules",
                        "ALL-MODULE-PATH",
                        "--module",
                        "scenario/" + Main.class.getName());
        };
    }

    /** The scenario's classes in a jar, with its libraries: for class data sharing, which wants jars. */
    synchronized String classPath(List<String> libraries) {
        Path jar = make("scenario", key -> {
            Path to = folder.resolve("scenario.jar");
            zip(to, zip -> scenarioClasses(zip, ""));
            return to;
        });
        return jar + File.pathSeparator + libraryPath(libraries);
    }

    private String libraryPath(List<String> libraries) {
        return jars(libraries).stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    private List<Path> jars(List<String> parts) {
        List<String> all = new ArrayList<>(List.of("/dev/langchain4j/", "/slf4j-api/", "/com/fasterxml/jackson/core/"));
        all.addAll(parts);
        List<Path> jars = new ArrayList<>();
        for (String entry : ForkedJvm.testClassPath()) {
            if (all.stream().anyMatch(entry.replace('\\', '/')::contains)) {
                jars.add(copy(entry));
            }
        }
        jars.add(annotations());
        return jars;
    }

    /** The listener module, which has {@code @Workflow}: a folder or a jar, as the build has it. */
    private Path annotations() {
        String entry = ForkedJvm.entry("scepsy-langchain4j/target");
        if (!Files.isDirectory(Path.of(entry))) {
            return copy(entry);
        }
        return make("annotations", key -> {
            Path to = folder.resolve("scepsy-langchain4j.jar");
            zip(to, zip -> {
                add(
                        zip,
                        "META-INF/MANIFEST.MF",
                        "Manifest-Version: 1.0\nAutomatic-Module-Name: dev.scepsy.langchain4j\n"
                                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
                addTree(zip, Path.of(entry), "");
            });
            return to;
        });
    }

    private Path fatJar(int version, List<String> libraries) {
        return make("boot" + version + libraries, key -> {
            Path to = folder.resolve("boot-" + version + "-" + made.size() + ".jar");
            zip(to, zip -> {
                add(
                        zip,
                        "META-INF/MANIFEST.MF",
                        ("Manifest-Version: 1.0\nMain-Class: org.springframework.boot.loader.launch.JarLauncher\n"
                                        + "Start-Class: " + Main.class.getName()
                                        + "\nSpring-Boot-Classes: BOOT-INF/classes/\nSpring-Boot-Lib: BOOT-INF/lib/\n")
                                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
                try (ZipFile loader = new ZipFile(Path.of("target/loaders/spring-boot-" + version + "-loader.jar")
                        .toFile())) {
                    for (ZipEntry entry : loader.stream()
                            .filter(entry -> entry.getName().startsWith("org/") && !entry.isDirectory())
                            .toList()) {
                        add(zip, entry.getName(), loader.getInputStream(entry).readAllBytes());
                    }
                }
                zip.putNextEntry(new ZipEntry("BOOT-INF/classes/")); // The loader looks for the folder.
                scenarioClasses(zip, "BOOT-INF/classes/");
                for (Path jar : jars(libraries)) {
                    store(zip, "BOOT-INF/lib/" + jar.getFileName(), Files.readAllBytes(jar));
                }
            });
            return to;
        });
    }

    private Path war(List<String> libraries) {
        return make("war" + libraries, key -> {
            Path to = folder.resolve("scenario-" + made.size() + ".war");
            zip(to, zip -> {
                add(zip, "WEB-INF/web.xml", """
                    <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
                      <absolute-ordering/>
                      <servlet><servlet-name>run</servlet-name><servlet-class>%s</servlet-class></servlet>
                      <servlet-mapping><servlet-name>run</servlet-name><url-pattern>/run</url-pattern></servlet-mapping>
                    </web-app>
                    """.formatted(ScenarioServlet.class.getName())
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8));
                scenarioClasses(zip, "WEB-INF/classes/");
                addClass(zip, "WEB-INF/classes/", ScenarioServlet.class);
                for (Path jar : jars(libraries)) {
                    store(zip, "WEB-INF/lib/" + jar.getFileName(), Files.readAllBytes(jar));
                }
            });
            return to;
        });
    }

    private String tomcat() {
        Path start = make("tomcat", key -> {
            Path to = folder.resolve("tomcat-main.jar");
            zip(to, zip -> addClass(zip, "", TomcatMain.class));
            return to;
        });
        return start
                + File.pathSeparator
                + copy(ForkedJvm.entry("tomcat-embed-core"))
                + File.pathSeparator
                + copy(ForkedJvm.entry("jakarta.annotation-api"));
    }

    /** An explicit module; its class files are compiled with its declaration, from the same sources. */
    private Path module(List<String> libraries) {
        return make("module", key -> {
            Path classes = folder.resolve("module");
            try (Stream<Path> sources = Files.list(Path.of("src/it/java", SCENARIO))) {
                Path declaration = Files.writeString(
                        Files.createDirectories(folder.resolve("declaration")).resolve("module-info.java"), """
                        open module scenario {
                            requires java.net.http;
                            requires langchain4j.core;
                            requires langchain4j;
                            requires langchain4j.open.ai;
                            requires langchain4j.agentic;
                            requires dev.scepsy.langchain4j;
                            requires static org.jspecify;
                            requires static io.opentelemetry.api;
                            requires static io.opentelemetry.context;
                            requires static io.opentelemetry.sdk;
                            requires static io.opentelemetry.sdk.autoconfigure;
                        }
                        """);
                List<String> arguments = new ArrayList<>(List.of(
                        "-d",
                        classes.toString(),
                        "--module-path",
                        libraryPath(List.of("/io/opentelemetry/opentelemetry-", "/org/jspecify/")),
                        "-proc:none",
                        "-nowarn",
                        declaration.toString()));
                sources.filter(source -> source.toString().endsWith(".java"))
                        .map(Path::toString)
                        .forEach(arguments::add);
                ByteArrayOutputStream said = new ByteArrayOutputStream();
                int result =
                        ToolProvider.getSystemJavaCompiler().run(null, said, said, arguments.toArray(String[]::new));
                if (result != 0) {
                    throw new IllegalStateException("The module cannot be compiled:\n" + said);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return classes;
        });
    }

    /** Not {@code computeIfAbsent}: one thing is made of others. */
    private Path make(String name, Function<String, Path> maker) {
        Path known = made.get(name);
        if (known == null) {
            known = maker.apply(name);
            made.put(name, known);
        }
        return known;
    }

    private static void scenarioClasses(ZipOutputStream zip, String prefix) throws IOException {
        Path classes = Path.of(URI.create(
                Main.class.getProtectionDomain().getCodeSource().getLocation().toString()));
        try (Stream<Path> files = Files.list(classes.resolve(SCENARIO))) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".class")).toList()) {
                add(zip, prefix + SCENARIO + file.getFileName(), Files.readAllBytes(file));
            }
        }
    }

    private static void addClass(ZipOutputStream zip, String prefix, Class<?> type) throws IOException {
        String name = type.getName().replace('.', '/') + ".class";
        try (var in = type.getClassLoader().getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is not there");
            }
            add(zip, prefix + name, in.readAllBytes());
        }
    }

    private static void addTree(ZipOutputStream zip, Path root, String prefix) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                add(zip, prefix + root.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
            }
        }
    }

    private static void add(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(bytes);
        zip.closeEntry();
    }

    /** Uncompressed, as the loader of fat jars wants its jars. */
    private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    /** Writes entries. */
    @FunctionalInterface
    private interface Content {
        void write(ZipOutputStream zip) throws IOException;
    }

    private static void zip(Path to, Content content) {
        try (OutputStream out = Files.newOutputStream(to);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setLevel(1);
            content.write(zip);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

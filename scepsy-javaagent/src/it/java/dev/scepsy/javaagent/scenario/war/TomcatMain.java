package dev.scepsy.javaagent.scenario.war;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;

/** A servlet container with one war in it; asks the war's servlet once and ends. First argument: the war. */
public final class TomcatMain {

    private TomcatMain() {}

    public static void main(String[] arguments) throws IOException, LifecycleException {
        Tomcat tomcat = new Tomcat();
        Path base = Files.createTempDirectory("scenario");
        tomcat.setBaseDir(base.toString());
        tomcat.setHostname("localhost");
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Files.createDirectories(base.resolve("webapps"));
        tomcat.setAddDefaultWebXmlToWebapp(false);
        tomcat.addWebapp("", Path.of(arguments[0]).toAbsolutePath().toString());
        tomcat.start();
        StringBuilder address =
                new StringBuilder("http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/run?");
        for (int i = 1; i < arguments.length; i++) {
            address.append("a=")
                    .append(URLEncoder.encode(arguments[i], StandardCharsets.UTF_8))
                    .append('&');
        }
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(address.toString()).toURL().openConnection();
        int status = connection.getResponseCode();
        tomcat.stop();
        System.exit(status == 200 ? 0 : 1);
    }
}

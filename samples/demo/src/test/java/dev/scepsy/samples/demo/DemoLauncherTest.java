package dev.scepsy.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Properties;
import org.junit.jupiter.api.Test;

class DemoLauncherTest {

    @Test
    void theDemoRunsInAJvmOfItsOwnAndGetsItsProperties() {
        Properties properties = new Properties();
        properties.setProperty("java.home", "/jdk");
        properties.setProperty("demo.timeScale", "5");
        properties.setProperty("user.home", "/me");

        assertThat(DemoLauncher.command("a.jar:b.jar", properties))
                .containsExactly(
                        "/jdk/bin/java",
                        "-Xmx1g",
                        "-XX:+UseSerialGC",
                        "-classpath",
                        "a.jar:b.jar",
                        "-Ddemo.timeScale=5",
                        "dev.scepsy.samples.demo.DemoMain");
    }
}

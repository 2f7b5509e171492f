package dev.scepsy.javaagent.advice;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import net.bytebuddy.asm.Advice;
import org.junit.jupiter.api.Test;

class AdviceTest {

    @Test
    void everyAdviceSuppressesEverything() {
        List<String> seen = new ArrayList<>();
        for (JavaClass advice : new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.scepsy.javaagent.advice")) {
            for (Method method : advice.reflect().getDeclaredMethods()) {
                Advice.OnMethodEnter enter = method.getAnnotation(Advice.OnMethodEnter.class);
                if (enter != null) {
                    assertThat(enter.suppress()).as("%s", method).isEqualTo(Throwable.class);
                    seen.add(method.getName());
                }
                Advice.OnMethodExit exit = method.getAnnotation(Advice.OnMethodExit.class);
                if (exit != null) {
                    assertThat(exit.suppress()).as("%s", method).isEqualTo(Throwable.class);
                    assertThat(exit.onThrowable()).as("%s", method).isEqualTo(Throwable.class);
                    seen.add(method.getName());
                }
            }
        }
        assertThat(seen).hasSizeGreaterThanOrEqualTo(4);
    }
}

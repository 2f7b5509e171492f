package dev.scepsy.javaagent.setting;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    @Test
    void propertiesComeBeforeVariables() {
        Settings settings = Settings.of(
                Map.of("scepsy.out", " property ")::get,
                Map.of("SCEPSY_OUT", "variable", "SCEPSY_CAPTURE_CONTENT", "true")::get);

        assertThat(settings.text("scepsy.out")).contains("property");
        assertThat(settings.flag("scepsy.capture-content", false)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"5000,5000", "5s,5000", "250ms,250", "2m,120000", "1h,3600000", "soon,7", "-1,7", "1.5s,7"})
    void aTimeIsReadAsOpenTelemetryWritesIt(String value, double expected) {
        assertThat(one(value).millis("a.time", 7)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"3,3", "0.5,0.5", "-1,7", "NaN,7", "Infinity,7", "many,7"})
    void whatIsNoSuchNumberIsNotTaken(String value, double expected) {
        assertThat(one(value).number("a.number", 0, 7)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"true,true", "TRUE,true", "false,false", "yes,true", "0,true"})
    void whatIsNeitherTrueNorFalseLeavesItAsItWas(String value, boolean expected) {
        assertThat(one(value).flag("a.flag", true)).isEqualTo(expected);
    }

    private static Settings one(String value) {
        return Settings.of(key -> value, key -> null);
    }
}

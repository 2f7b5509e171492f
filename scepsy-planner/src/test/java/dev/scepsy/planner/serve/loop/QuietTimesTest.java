package dev.scepsy.planner.serve.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.serve.settings.ServeSettings.QuietHours;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class QuietTimesTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static QuietTimes quiet(Set<DayOfWeek> days, int from, int to) {
        return new QuietTimes(List.of(new QuietHours(days, LocalTime.of(from, 0), LocalTime.of(to, 0), BERLIN)));
    }

    private static Instant at(String text) {
        return Instant.parse(text);
    }

    @Test
    void hoursAreLocalAndTheirEndIsNotQuiet() {
        QuietTimes office = quiet(EnumSet.range(DayOfWeek.MONDAY, DayOfWeek.FRIDAY), 8, 18);
        // a Monday in winter: 08:00 in Berlin is 07:00 UTC
        assertThat(office.until(at("2026-11-02T06:59:59Z"))).isEmpty();
        assertThat(office.until(at("2026-11-02T07:00:00Z"))).contains(at("2026-11-02T17:00:00Z"));
        assertThat(office.until(at("2026-11-02T17:00:00Z"))).isEmpty();
        // a Saturday
        assertThat(office.until(at("2026-11-07T10:00:00Z"))).isEmpty();
    }

    @Test
    void hoursPastMidnightBelongToTheDayTheyBeginOn() {
        QuietTimes night = quiet(EnumSet.of(DayOfWeek.FRIDAY), 22, 6);
        assertThat(night.until(at("2026-11-06T20:59:00Z"))).isEmpty();
        assertThat(night.until(at("2026-11-06T21:00:00Z"))).contains(at("2026-11-07T05:00:00Z"));
        assertThat(night.until(at("2026-11-07T04:59:00Z"))).contains(at("2026-11-07T05:00:00Z"));
        // the night to Friday began on Thursday
        assertThat(night.until(at("2026-11-06T03:00:00Z"))).isEmpty();
    }

    @Test
    void aNightInWhichClocksArePutBackIsAnHourLonger() {
        QuietTimes night = quiet(EnumSet.allOf(DayOfWeek.class), 1, 4);
        // 25 October 2026: 03:00 becomes 02:00. 01:00 CEST is 23:00 UTC, 04:00 CET is 03:00 UTC
        assertThat(night.until(at("2026-10-24T23:00:00Z"))).contains(at("2026-10-25T03:00:00Z"));
        // 28 March 2027: 02:00 becomes 03:00. 01:00 CET is 00:00 UTC, 04:00 CEST is 02:00 UTC
        assertThat(night.until(at("2027-03-28T00:30:00Z"))).contains(at("2027-03-28T02:00:00Z"));
    }

    @Test
    void hoursThatJoinOnAreOneQuietTime() {
        QuietTimes joined = new QuietTimes(List.of(
                new QuietHours(EnumSet.of(DayOfWeek.MONDAY), LocalTime.of(8, 0), LocalTime.of(12, 0), BERLIN),
                new QuietHours(EnumSet.of(DayOfWeek.MONDAY), LocalTime.of(12, 0), LocalTime.of(18, 0), BERLIN)));
        assertThat(joined.until(at("2026-11-02T08:00:00Z"))).contains(at("2026-11-02T17:00:00Z"));
    }
}

package dev.scepsy.planner.file;

import dev.scepsy.planner.serve.settings.ServeSettings.Mode;
import dev.scepsy.planner.serve.settings.ServeSettings.QuietHours;
import dev.scepsy.planner.serve.settings.ServeSettings.Replan;
import dev.scepsy.planner.serve.settings.ServeSettings.TriggerKind;
import dev.scepsy.planner.serve.settings.ServeSettings.Verify;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The part {@code replan} of {@code serve.yaml}: when the service plans again, and how far it goes. */
final class ServeReplan {

    static final Mode DEFAULT_MODE = Mode.PROPOSE;

    private static final double DEFAULT_GAIN = 0.10;
    private static final double DEFAULT_TOLERANCE = 0.25;
    private static final Duration DEFAULT_COOLDOWN = Duration.ofMinutes(30);
    private static final Duration DEFAULT_AFTER = Duration.ofMinutes(10);
    private static final int DEFAULT_MOVES = 8;
    private static final int MOST_MOVES = 100_000;
    private static final int MOST_SPARE = 10_000;
    private static final double LARGEST_TOLERANCE = 10;
    private static final Duration LONGEST_COOLDOWN = Duration.ofDays(31);
    private static final Duration LONGEST_VERIFY = Duration.ofDays(7);
    private static final Pattern CLOCK = Pattern.compile("(?:[01]\\d|2[0-3]):[0-5]\\d");
    private static final Pattern SOME_DAYS = Pattern.compile("\\s*,\\s*");

    private ServeReplan() {}

    /** What holds where nothing is said. */
    static Replan usual() {
        return new Replan(
                DEFAULT_MODE,
                EnumSet.allOf(TriggerKind.class),
                DEFAULT_GAIN,
                DEFAULT_COOLDOWN,
                DEFAULT_MOVES,
                0,
                usualVerify(),
                List.of());
    }

    private static Verify usualVerify() {
        return new Verify(DEFAULT_AFTER, DEFAULT_TOLERANCE, true);
    }

    static Replan read(Fields fields) {
        return new Replan(
                fields.optionalChoice("mode", modes()).orElse(DEFAULT_MODE),
                fields.mapping("triggers", ServeReplan::triggers).orElseGet(() -> EnumSet.allOf(TriggerKind.class)),
                fields.optionalNumber("minimumGain", Range.UNIT).orElse(DEFAULT_GAIN),
                ServeValues.time(fields, "cooldown", DEFAULT_COOLDOWN, Duration.ZERO, LONGEST_COOLDOWN),
                fields.optionalInteger("maximumMoves", 1, MOST_MOVES).orElse(DEFAULT_MOVES),
                fields.optionalInteger("spareGpus", 0, MOST_SPARE).orElse(0),
                fields.mapping("verify", ServeReplan::verify).orElseGet(ServeReplan::usualVerify),
                fields.optionalMappings("quietHours", ServeReplan::quietHours));
    }

    private static Map<String, Mode> modes() {
        Map<String, Mode> modes = new LinkedHashMap<>();
        for (Mode mode : Mode.values()) {
            modes.put(mode.name().toLowerCase(Locale.ROOT), mode);
        }
        return modes;
    }

    private static Set<TriggerKind> triggers(Fields fields) {
        Set<TriggerKind> kinds = EnumSet.noneOf(TriggerKind.class);
        for (TriggerKind kind : TriggerKind.values()) {
            if (fields.flag(kind.name().toLowerCase(Locale.ROOT), true)) {
                kinds.add(kind);
            }
        }
        return kinds;
    }

    private static Verify verify(Fields fields) {
        return new Verify(
                ServeValues.time(fields, "after", DEFAULT_AFTER, Duration.ofSeconds(1), LONGEST_VERIFY),
                fields.optionalNumber("tolerance", Range.between(0, LARGEST_TOLERANCE))
                        .orElse(DEFAULT_TOLERANCE),
                fields.flag("goBack", true));
    }

    private static QuietHours quietHours(Fields fields) {
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (String written : fields.textOrTexts("days")) {
            for (String part : SOME_DAYS.split(written.strip())) {
                days.addAll(days(part, fields));
            }
        }
        if (!fields.has("days")) {
            fields.problem("days", "The key (days) is missing: mon-fri, sat, or a list of such.");
        }
        return new QuietHours(days, clock(fields, "from"), clock(fields, "to"), zone(fields));
    }

    private static Set<DayOfWeek> days(String part, Fields fields) {
        List<Optional<DayOfWeek>> ends =
                Arrays.stream(part.split("-", -1)).map(ServeReplan::day).toList();
        if (ends.size() > 2 || ends.stream().anyMatch(Optional::isEmpty)) {
            fields.problem(
                    "days",
                    "The days (" + part + ") must be a day (mon, tue, wed, thu, fri, sat, sun), a range such as"
                            + " mon-fri, or a list of such.");
            return Set.of();
        }
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        DayOfWeek last = ends.get(ends.size() - 1).orElseThrow();
        DayOfWeek day = ends.get(0).orElseThrow();
        days.add(day);
        // over the week's end where the last day stands before the first
        while (day != last) {
            day = day.plus(1);
            days.add(day);
        }
        return days;
    }

    private static Optional<DayOfWeek> day(String word) {
        String lower = word.strip().toUpperCase(Locale.ROOT);
        return Arrays.stream(DayOfWeek.values())
                .filter(day ->
                        day.name().equals(lower) || day.name().substring(0, 3).equals(lower))
                .findFirst();
    }

    private static LocalTime clock(Fields fields, String key) {
        String text = fields.text(key);
        if (CLOCK.matcher(text).matches()) {
            return LocalTime.parse(text);
        }
        if (fields.sound(key)) {
            fields.problem(
                    key,
                    "The " + key + " (" + text + ") must be a time of day from \"00:00\" to \"23:59\"."
                            + (text.equals("24:00") ? " Midnight is \"00:00\"." : ""));
        }
        return LocalTime.MIDNIGHT;
    }

    private static ZoneId zone(Fields fields) {
        String text = fields.text("zone");
        try {
            return ZoneId.of(text);
        } catch (DateTimeException e) {
            if (fields.sound("zone")) {
                fields.problem(
                        "zone",
                        "The zone (" + text + ") must be a time zone, such as Europe/Berlin or UTC."
                                + Nearest.to(text, ZoneId.getAvailableZoneIds())
                                        .map(near -> " Maybe " + near + " is meant.")
                                        .orElse(""));
            }
            return ZoneId.of("UTC");
        }
    }
}

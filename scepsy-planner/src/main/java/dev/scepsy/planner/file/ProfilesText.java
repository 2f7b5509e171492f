package dev.scepsy.planner.file;

import dev.scepsy.planner.profile.Beside;
import dev.scepsy.planner.profile.MeasuredPoint;
import dev.scepsy.planner.profile.ProfileKey;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.StreamDataWriter;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Puts measured profiles into {@code profiles.yaml}: an entry of the same replica is replaced, all others and their {@code
 * x-} keys stay. Where the list is written in block style every other line stays as it is, comments too; else the document
 * is written again without comments. A JSON file stays JSON.
 */
public final class ProfilesText {

    private static final MathContext WRITTEN_DIGITS = new MathContext(6);
    private static final int LONGEST_LINE = 10_000;

    private final ScalarStyle textStyle;
    private final FlowStyle blockStyle;

    private ProfilesText(boolean json) {
        this.textStyle = json ? ScalarStyle.DOUBLE_QUOTED : ScalarStyle.PLAIN;
        this.blockStyle = json ? FlowStyle.FLOW : FlowStyle.BLOCK;
    }

    /**
     * Writes {@code profiles} into {@code file}, which may not exist yet, beside the old version and renames it.
     *
     * @return the file's problems; then nothing was written
     * @throws IOException if it cannot be read or written; the old file is then intact
     */
    public static List<Problem> put(List<MeasuredProfile> profiles, Path file) throws IOException {
        String old = Files.exists(file) ? TextFile.read(file) : "";
        if (old.isBlank()) {
            boolean json = file.toString().endsWith(".json");
            return write(file, merged(json ? "{\"profiles\": []}" : "profiles: []\n", List.of(), profiles));
        }
        Reading<List<MeasuredProfile>> reading = ProfilesFile.read(file);
        if (!(reading instanceof Reading.Legal<List<MeasuredProfile>> legal)) {
            return reading.whyMalformed();
        }
        return write(file, merged(old, legal.value(), profiles));
    }

    /** What its own reader would refuse is never written. */
    private static List<Problem> write(Path file, String text) throws IOException {
        List<Problem> problems = ProfilesFile.parse(file.toString(), text).whyMalformed();
        if (problems.isEmpty()) {
            WholeFile.write(file, text);
        }
        return problems;
    }

    /** The text of {@code old}, which holds {@code known}, with {@code added} in it. */
    static String merged(String old, List<MeasuredProfile> known, List<MeasuredProfile> added) {
        String text = old.startsWith("\uFEFF") ? old.substring(1) : old;
        List<ProfileKey> keys =
                new ArrayList<>(known.stream().map(MeasuredProfile::key).toList());
        for (MeasuredProfile profile : added) {
            int same = keys.indexOf(profile.key());
            if (same < 0) {
                keys.add(profile.key());
            }
            String inPlace = inPlace(text, profile, same);
            text = inPlace != null && holds(inPlace, keys) ? inPlace : anew(text, profile, same);
        }
        return text;
    }

    private static boolean holds(String text, List<ProfileKey> keys) {
        return ProfilesFile.parse("profiles.yaml", text)
                .legalValue()
                .map(profiles -> profiles.stream().map(MeasuredProfile::key).toList())
                .filter(keys::equals)
                .isPresent();
    }

    private static MappingNode composed(String text) {
        return (MappingNode) new Compose(Document.settings(text.length()))
                .composeString(text)
                .orElseThrow();
    }

    private static Optional<Node> profiles(MappingNode root) {
        return root.getValue().stream()
                .filter(ProfilesText::isProfiles)
                .map(NodeTuple::getValueNode)
                .findFirst();
    }

    private static boolean isProfiles(NodeTuple tuple) {
        return tuple.getKeyNode() instanceof ScalarNode key && key.getValue().equals("profiles");
    }

    /** Changes only the lines of one entry of a block sequence; null where the list is written otherwise. */
    private static @Nullable String inPlace(String text, MeasuredProfile profile, int index) {
        if (!(profiles(composed(text)).orElse(null) instanceof SequenceNode sequence)
                || sequence.getFlowStyle() != FlowStyle.BLOCK
                || sequence.getValue().isEmpty()) {
            return null;
        }
        List<Node> entries = sequence.getValue();
        Node entry = entries.get(index < 0 ? entries.size() - 1 : index);
        Mark start = entry.getStartMark().orElseThrow();
        int lineStart = index(text, start) - start.getColumn();
        int dash = text.indexOf('-', lineStart);
        int end = text.indexOf('\n', index(text, lastOf(entry).getEndMark().orElseThrow()));
        int entryEnd = end < 0 ? text.length() : end + 1;
        if (dash < 0
                || dash > index(text, start)
                || !text.substring(lineStart, dash).isBlank()) {
            return null;
        }
        String margin = text.substring(lineStart, dash);
        SequenceNode one = new SequenceNode(Tag.SEQ, List.of(new ProfilesText(false).entry(profile)), FlowStyle.BLOCK);
        String lines = dumped(one, 2, 0).indent(margin.length());
        return index < 0
                ? text.substring(0, entryEnd) + (end < 0 ? "\n" : "") + lines + text.substring(entryEnd)
                : text.substring(0, lineStart) + lines + text.substring(entryEnd);
    }

    /** Marks count code points. */
    private static int index(String text, Mark mark) {
        return text.offsetByCodePoints(0, mark.getIndex());
    }

    /** A block collection's own end mark lies behind the comments that follow it. */
    private static Node lastOf(Node node) {
        if (node instanceof MappingNode mapping
                && mapping.getFlowStyle() == FlowStyle.BLOCK
                && !mapping.getValue().isEmpty()) {
            return lastOf(mapping.getValue().get(mapping.getValue().size() - 1).getValueNode());
        }
        if (node instanceof SequenceNode sequence
                && sequence.getFlowStyle() == FlowStyle.BLOCK
                && !sequence.getValue().isEmpty()) {
            return lastOf(sequence.getValue().get(sequence.getValue().size() - 1));
        }
        return node;
    }

    /** Writes the whole document again: its content stays, its comments do not. */
    private static String anew(String text, MeasuredProfile profile, int index) {
        MappingNode root = composed(text);
        boolean json = text.stripLeading().startsWith("{");
        ProfilesText writer = new ProfilesText(json);
        List<Node> entries = new ArrayList<>();
        if (profiles(root).orElse(null) instanceof SequenceNode sequence) {
            entries.addAll(sequence.getValue());
        }
        if (index < 0) {
            entries.add(writer.entry(profile));
        } else {
            entries.set(index, writer.entry(profile));
        }
        SequenceNode list = new SequenceNode(Tag.SEQ, entries, writer.blockStyle);
        List<NodeTuple> tuples = new ArrayList<>();
        root.getValue().stream().filter(tuple -> !isProfiles(tuple)).forEach(tuples::add);
        tuples.add(new NodeTuple(writer.scalar("profiles"), list));
        root.setValue(tuples);
        String written = dumped(root, 4, 2);
        return json ? written.strip() + "\n" : written;
    }

    private Node entry(MeasuredProfile profile) {
        List<NodeTuple> fields = new ArrayList<>();
        text(fields, "model", Optional.of(profile.key().model()));
        text(fields, "gpu", Optional.of(profile.key().gpu()));
        field(fields, "tensorParallel", Integer.toString(profile.key().tensorParallel()), Tag.INT);
        // whole: a third that is cut to six digits is another fraction, of another profile
        field(
                fields,
                "gpuFraction",
                BigDecimal.valueOf(profile.key().gpuFraction().toDouble()).toPlainString(),
                Tag.FLOAT);
        number(fields, "memoryGiBPerGpu", profile.memoryGiBPerGpu());
        text(fields, "beside", profile.beside().map(Beside::key));
        number(fields, "saturationRequestsPerSecond", profile.saturationRequestsPerSecond());
        if (profile.saturationIsLowerBound()) {
            field(fields, "saturationIsLowerBound", "true", Tag.BOOL);
        }
        number(fields, "inputTokens", profile.load().inputTokens());
        number(fields, "outputTokens", profile.load().outputTokens());
        text(fields, "engine", profile.load().engine());
        text(fields, "measuredBy", profile.load().measuredBy());
        List<Node> points = new ArrayList<>();
        profile.measured().forEach(point -> points.add(point(point)));
        fields.add(new NodeTuple(scalar("curve"), new SequenceNode(Tag.SEQ, points, blockStyle)));
        return new MappingNode(Tag.MAP, fields, blockStyle);
    }

    private Node point(MeasuredPoint point) {
        List<NodeTuple> fields = new ArrayList<>();
        number(fields, "requestsPerSecond", OptionalDouble.of(point.requestsPerSecond()));
        number(fields, "meanLatencySeconds", OptionalDouble.of(point.meanLatencySeconds()));
        number(fields, "requestsInFlight", point.requestsInFlight());
        number(fields, "meanFirstTokenSeconds", point.meanFirstTokenSeconds());
        number(fields, "meanPerTokenSeconds", point.meanPerTokenSeconds());
        number(fields, "p95LatencySeconds", point.p95LatencySeconds());
        number(fields, "p99LatencySeconds", point.p99LatencySeconds());
        if (point.requests().isPresent()) {
            field(fields, "requests", Long.toString(point.requests().getAsLong()), Tag.INT);
        }
        number(fields, "errorRate", point.errorRate());
        return new MappingNode(Tag.MAP, fields, FlowStyle.FLOW);
    }

    private void text(List<NodeTuple> fields, String key, Optional<String> value) {
        value.ifPresent(text -> fields.add(new NodeTuple(scalar(key), scalar(text))));
    }

    private void number(List<NodeTuple> fields, String key, OptionalDouble value) {
        value.ifPresent(number -> field(fields, key, decimal(number), Tag.FLOAT));
    }

    private void field(List<NodeTuple> fields, String key, String value, Tag tag) {
        fields.add(new NodeTuple(scalar(key), new ScalarNode(tag, value, ScalarStyle.PLAIN)));
    }

    private ScalarNode scalar(String text) {
        // a byte order mark, a line separator or half a letter stay what they are in quotes only
        boolean odd = text.codePoints().anyMatch(ProfilesText::isInvisible);
        return new ScalarNode(Tag.STR, text, odd ? ScalarStyle.DOUBLE_QUOTED : textStyle);
    }

    private static boolean isInvisible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        };
    }

    /** {@code value} as it is written, to six digits; always with a point, so that it reads as a decimal anywhere. */
    static String decimal(double value) {
        String text =
                new BigDecimal(value).round(WRITTEN_DIGITS).stripTrailingZeros().toPlainString();
        return text.contains(".") ? text : text + ".0";
    }

    private static String dumped(Node node, int indent, int indicatorIndent) {
        DumpSettings settings = DumpSettings.builder()
                .setSchema(new CoreSchema())
                .setWidth(LONGEST_LINE)
                .setSplitLines(false)
                .setIndent(indent)
                .setIndicatorIndent(indicatorIndent)
                .build();
        StringBuilder text = new StringBuilder();
        new Dump(settings).dumpNode(node, new StreamDataWriter() {
            @Override
            public void write(String part) {
                text.append(part);
            }

            @Override
            public void write(String part, int from, int length) {
                text.append(part, from, from + length);
            }
        });
        return text.toString();
    }
}

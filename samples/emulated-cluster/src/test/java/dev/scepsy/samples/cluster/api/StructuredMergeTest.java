package dev.scepsy.samples.cluster.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

/** The rules of structured-merge-diff, case by case. */
class StructuredMergeTest {
    private final FieldSchema schema = new FieldSchema();
    private final StructuredMerge merge = new StructuredMerge(schema);

    @Test
    void scalarsAreReplacedAndMapsMerged() {
        assertThat(merge.merge(json("{a: 1, m: {x: 1, y: 2}}"), json("{a: 2, m: {y: 3}}")))
                .isEqualTo(json("{a: 2, m: {x: 1, y: 3}}"));
    }

    @Test
    void keyedListsMergeElementByElement() {
        ObjectNode live = json("{spec: {containers: [{name: a, image: i1}, {name: b, image: i2}]}}");
        ObjectNode applied = json("{spec: {containers: [{name: b, image: i3}, {name: c, image: i4}]}}");

        assertThat(merge.merge(live, applied))
                .isEqualTo(json(
                        "{spec: {containers: [{name: a, image: i1}, {name: b, image: i3}, {name: c, image: i4}]}}"));
    }

    @Test
    void aPortWithoutProtocolIsTheTcpOne() {
        ObjectNode live = json("{spec: {ports: [{port: 80, protocol: TCP, name: old}]}}");

        assertThat(merge.merge(live, json("{spec: {ports: [{port: 80, name: new}]}}")))
                .isEqualTo(json("{spec: {ports: [{port: 80, protocol: TCP, name: new}]}}"));
    }

    @Test
    void atomicListsAndMapsAreReplacedAsAWhole() {
        ObjectNode live = json("{spec: {containers: [{name: a, args: [x, y]}], nodeSelector: {h: one, k: v}}}");
        ObjectNode applied = json("{spec: {containers: [{name: a, args: [z]}], nodeSelector: {h: two}}}");

        assertThat(merge.merge(live, applied))
                .isEqualTo(json("{spec: {containers: [{name: a, args: [z]}], nodeSelector: {h: two}}}"));
    }

    @Test
    void droppedFieldsGoUnlessSomebodyElseOwnsThem() {
        ObjectNode merged = json("{metadata: {labels: {mine: a, theirs: b}}}");
        FieldSet last = FieldSet.of(merged, schema);

        assertThat(merge.prune(merged, last, FieldSet.empty(), FieldSet.empty()))
                .isEqualTo(json("{}"));
        assertThat(merge.prune(
                        merged, last, FieldSet.empty(), FieldSet.of(json("{metadata: {labels: {theirs: b}}}"), schema)))
                .isEqualTo(json("{metadata: {labels: {theirs: b}}}"));
    }

    @Test
    void aDroppedListElementGoesWithAllItsFields() {
        ObjectNode merged =
                json("{spec: {containers: [{name: a, image: i, imagePullPolicy: Always}, {name: b, image: j}]}}");
        FieldSet last = FieldSet.of(json("{spec: {containers: [{name: a, image: i}, {name: b, image: j}]}}"), schema);
        FieldSet now = FieldSet.of(json("{spec: {containers: [{name: b, image: j}]}}"), schema);

        assertThat(merge.prune(merged, last, now, FieldSet.empty()))
                .isEqualTo(json("{spec: {containers: [{name: b, image: j}]}}"));
    }

    @Test
    void fieldSetsSurviveTheirJsonForm() {
        FieldSet set = FieldSet.of(
                json("{metadata: {labels: {a: b}, finalizers: [f]}, spec: {containers: [{name: c, args: [x]}]}}"),
                schema);

        assertThat(FieldSet.fromJson(set.toJson()).toJson()).isEqualTo(set.toJson());
        assertThat(set.paths())
                .containsExactly(
                        ".metadata.finalizers[=\"f\"]",
                        ".metadata.labels.a",
                        ".spec.containers[name=\"c\"]",
                        ".spec.containers[name=\"c\"].args",
                        ".spec.containers[name=\"c\"].name");
    }

    @Test
    void strategicPatchesDeleteElementsAndKeys() {
        Patches patches = new Patches(schema);
        ObjectNode live = json("{spec: {containers: [{name: a, image: i}, {name: b, image: j}], replicas: 1}}");

        assertThat(patches.strategicMergePatch(
                        live, json("{spec: {replicas: null, containers: [{name: a, $patch: delete}]}}")))
                .isEqualTo(json("{spec: {containers: [{name: b, image: j}]}}"));
    }

    private static ObjectNode json(String yaml) {
        return (ObjectNode) Patches.read("# flow style\n" + yaml);
    }
}

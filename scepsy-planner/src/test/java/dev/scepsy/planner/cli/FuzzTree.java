package dev.scepsy.planner.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A JSON document that can be changed and written in ways no writer has: keys twice, numbers beyond all types, words that are no
 * values. Mutable.
 */
final class FuzzTree {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** A value: an object or a list with entries, or else a scalar as it is written. */
    static final class Node {
        /** Null where this is an object or a list. */
        String scalar;

        boolean object;
        final List<Entry> entries = new ArrayList<>();

        static Node written(String text) {
            Node node = new Node();
            node.scalar = text;
            return node;
        }

        boolean number() {
            return scalar != null && scalar.matches("-?[0-9].*");
        }

        private Node copy() {
            Node copy = new Node();
            copy.scalar = scalar;
            copy.object = object;
            entries.forEach(entry -> copy.entries.add(new Entry(entry.key, entry.value.copy())));
            return copy;
        }
    }

    /** A value of an object or list; the key says nothing in a list. */
    static final class Entry {
        String key;
        Node value;

        Entry(String key, Node value) {
            this.key = key;
            this.value = value;
        }

        Entry copy() {
            return new Entry(key, value.copy());
        }
    }

    /** Where an entry stands: which of whose it is, and the keys above it. */
    record Place(Node parent, int index, String path) {
        Entry entry() {
            return parent.entries.get(index);
        }
    }

    final Node root;

    private FuzzTree(Node root) {
        this.root = root;
    }

    static FuzzTree of(String json) {
        try {
            return new FuzzTree(node(JSON.readTree(json)));
        } catch (IOException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    private static Node node(JsonNode json) {
        if (!json.isContainerNode()) {
            return Node.written(json.toString());
        }
        Node node = new Node();
        node.object = json.isObject();
        if (node.object) {
            json.fields()
                    .forEachRemaining(field -> node.entries.add(new Entry(field.getKey(), node(field.getValue()))));
        } else {
            json.forEach(item -> node.entries.add(new Entry("", node(item))));
        }
        return node;
    }

    /** All places below the root, parents first. */
    List<Place> places() {
        List<Place> places = new ArrayList<>();
        collect(root, "", places);
        return places;
    }

    private static void collect(Node node, String path, List<Place> places) {
        for (int i = 0; i < node.entries.size(); i++) {
            String below = path + "/" + (node.object ? node.entries.get(i).key : "*");
            places.add(new Place(node, i, below));
            collect(node.entries.get(i).value, below, places);
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        write(root, text);
        return text.toString();
    }

    static String quoted(String text) {
        return JSON.getNodeFactory().textNode(text).toString();
    }

    private static void write(Node node, StringBuilder text) {
        if (node.scalar != null) {
            text.append(node.scalar);
            return;
        }
        text.append(node.object ? '{' : '[');
        for (int i = 0; i < node.entries.size(); i++) {
            Entry entry = node.entries.get(i);
            text.append(i == 0 ? "" : ", ");
            if (node.object) {
                text.append(quoted(entry.key)).append(": ");
            }
            write(entry.value, text);
        }
        text.append(node.object ? '}' : ']');
    }
}

package dev.scepsy.samples.cluster.dns;

import java.util.List;

/** The names below one domain. */
public interface DnsZone {

    /** A record, without its time to live. Names have no dot at the end. */
    sealed interface Record {
        String name();

        /** Type A. */
        record Address(String name, String ip) implements Record {}

        /** Type SRV, priority 0. */
        record Server(String name, int weight, int port, String target) implements Record {}
    }

    /**
     * What there is.
     *
     * @param exists false: there is no such name, of no type ({@code NXDOMAIN}); true without records: no record of this type
     * @param additional addresses of the names in {@code records}
     */
    record Answer(boolean exists, List<Record> records, List<Record> additional) {
        public static final Answer NO_SUCH_NAME = new Answer(false, List.of(), List.of());
        public static final Answer NOTHING_OF_THIS_TYPE = new Answer(true, List.of(), List.of());

        public Answer {
            records = List.copyOf(records);
            additional = List.copyOf(additional);
        }
    }

    /** The domain, such as {@code cluster.local}; in lower case, without a dot at the end. */
    String domain();

    /**
     * Everything of one type at one name.
     *
     * @param name below {@link #domain}, in lower case, without a dot at the end
     * @param type as on the wire, such as {@link DnsMessage#SRV}
     */
    Answer lookup(String name, int type);
}

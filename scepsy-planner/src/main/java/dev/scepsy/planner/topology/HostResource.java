package dev.scepsy.planner.topology;

/** What an engine takes of its node beside GPUs, in the words of the files and of people. */
public enum HostResource {
    PROCESSORS("processors", "cores", "cpuCores", "engineCpuCores"),
    MEMORY("host memory", "GiB", "hostMemoryGiB", "engineHostMemoryGiB");

    private final String words;
    private final String unit;
    private final String nodeKey;
    private final String modelKey;

    HostResource(String words, String unit, String nodeKey, String modelKey) {
        this.words = words;
        this.unit = unit;
        this.nodeKey = nodeKey;
        this.modelKey = modelKey;
    }

    /** {@code processors} or {@code host memory}. */
    public String words() {
        return words;
    }

    /** {@code cores} or {@code GiB}. */
    public String unit() {
        return unit;
    }

    /** What a cluster file calls the node's limit. */
    public String nodeKey() {
        return nodeKey;
    }

    /** What a models file calls the engine's need. */
    public String modelKey() {
        return modelKey;
    }
}

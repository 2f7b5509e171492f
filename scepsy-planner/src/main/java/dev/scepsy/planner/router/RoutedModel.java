package dev.scepsy.planner.router;

import java.util.List;
import java.util.stream.Stream;

/**
 * A model that requests may name. Immutable.
 *
 * @param name as requests name it
 * @param service name of its Service, a DNS label
 * @param enginesService name of the headless Service by which DNS names its engines, a DNS label
 * @param aliases other names of the same weights
 * @param adapters names of LoRA adapters that its engines serve beside it
 * @param engines most engines that it is expected to have at once, at least 1
 */
public record RoutedModel(
        String name, String service, String enginesService, List<String> aliases, List<String> adapters, int engines) {

    public RoutedModel {
        aliases = List.copyOf(aliases);
        adapters = List.copyOf(adapters);
    }

    /** Every name that a request may use for it, its own first. */
    public List<String> names() {
        return Stream.of(List.of(name), aliases, adapters).flatMap(List::stream).toList();
    }

    /** The same with room for more engines. */
    public RoutedModel withEngines(int most) {
        return new RoutedModel(name, service, enginesService, aliases, adapters, most);
    }
}

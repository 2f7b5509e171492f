package dev.scepsy.planner.cluster;

import java.util.List;

/**
 * How an engine's container is started. Immutable.
 *
 * @param command the program
 * @param arguments its arguments
 */
record StartCommand(List<String> command, List<String> arguments) {

    StartCommand {
        command = List.copyOf(command);
        arguments = List.copyOf(arguments);
    }
}

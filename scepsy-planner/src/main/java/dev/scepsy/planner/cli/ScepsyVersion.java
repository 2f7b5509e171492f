package dev.scepsy.planner.cli;

import picocli.CommandLine.IVersionProvider;

/** The version that the jar's manifest states. */
final class ScepsyVersion implements IVersionProvider {

    @Override
    public String[] getVersion() {
        String version = ScepsyVersion.class.getPackage().getImplementationVersion();
        return new String[] {"scepsy " + (version == null ? "(unpackaged)" : version)};
    }
}

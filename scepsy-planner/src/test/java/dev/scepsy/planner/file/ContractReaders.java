package dev.scepsy.planner.file;

import dev.scepsy.planner.profile.Catalogue;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** Each kind of file: its name, the contract's example, its reader, its schema. */
enum ContractReaders {
    CLUSTER("cluster.yaml", ContractExamples.CLUSTER, file -> ClusterFile.read(file, Catalogue.builtIn())),
    MODELS("models.yaml", ContractExamples.MODELS, file -> ModelsFile.read(file, Catalogue.builtIn())),
    PROFILES("profiles.yaml", ContractExamples.PROFILES, ProfilesFile::read),
    WORKFLOWS("workflows.json", ContractExamples.WORKFLOWS, WorkflowsFile::read),
    PLAN("plan.json", ContractExamples.PLAN, PlanFile::read),
    SERVE("serve.yaml", ContractExamples.SERVE, file -> ServeFile.read(ContractExamples.besideServe(file)));

    private final String fileName;
    private final String example;
    private final Function<Path, Reading<?>> reader;

    ContractReaders(String fileName, String example, Function<Path, Reading<?>> reader) {
        this.fileName = fileName;
        this.example = example;
        this.reader = reader;
    }

    String fileName() {
        return fileName;
    }

    String example() {
        return example;
    }

    String schemaName() {
        return fileName.substring(0, fileName.indexOf('.')) + ".schema.json";
    }

    Reading<?> read(Path file) {
        return reader.apply(file);
    }

    Reading<?> read(Path folder, String text) {
        return read(ContractExamples.file(folder, fileName, text));
    }

    List<Problem> problems(Path folder, String text) {
        return read(folder, text).whyMalformed();
    }
}

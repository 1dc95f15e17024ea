package org.blktrack.app;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Imports run one way, and native code has one room. */
class LayeringTest {
    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("org.blktrack");
    }

    @Test
    void importsRunOneWay() {
        layeredArchitecture().consideringOnlyDependenciesInLayers().withOptionalLayers(true)
                .layer("app").definedBy("org.blktrack.app")
                .layer("cli").definedBy("org.blktrack.cli..")
                .layer("daemon").definedBy("org.blktrack.daemon")
                .layer("boot").definedBy("org.blktrack.boot..")
                .layer("catalog").definedBy("org.blktrack.catalog..")
                .layer("bootscript").definedBy("org.blktrack.bootscript..")
                .layer("track").definedBy("org.blktrack.track")
                .layer("table").definedBy("org.blktrack.table")
                .layer("wire").definedBy("org.blktrack.wire")
                .layer("linux").definedBy("org.blktrack.linux")
                .layer("model").definedBy("org.blktrack.model")
                .whereLayer("app").mayNotBeAccessedByAnyLayer()
                .whereLayer("cli").mayOnlyBeAccessedByLayers("app")
                .whereLayer("daemon").mayOnlyBeAccessedByLayers("app")
                .whereLayer("boot").mayOnlyBeAccessedByLayers("app", "cli", "catalog")
                .whereLayer("catalog").mayOnlyBeAccessedByLayers("app", "cli")
                .whereLayer("bootscript").mayOnlyBeAccessedByLayers("app", "cli", "boot", "catalog")
                .whereLayer("track").mayOnlyBeAccessedByLayers("app", "daemon")
                .whereLayer("wire").mayOnlyBeAccessedByLayers("app", "daemon", "cli")
                .whereLayer("table").mayOnlyBeAccessedByLayers("app", "daemon", "cli", "track")
                .whereLayer("linux").mayOnlyBeAccessedByLayers("app", "daemon", "track", "table", "wire", "bootscript", "boot", "catalog")
                .check(classes);
    }

    @Test
    void nativeCodeHasOneRoom() {
        noClasses().that().resideOutsideOfPackage("org.blktrack.linux..")
                .should().dependOnClassesThat().resideInAnyPackage("com.sun.jna..", "jnr..").check(classes);
    }

    @Test
    void valuesNeedNothingButJava() {
        noClasses().that().resideInAPackage("org.blktrack.model..")
                .should().dependOnClassesThat().resideOutsideOfPackages("java..", "org.blktrack.model..").check(classes);
    }
}

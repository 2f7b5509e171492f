package dev.scepsy.planner.file;

import dev.scepsy.planner.kernel.KernelSurfaces;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads kernel surfaces that {@code scepsy engine --kernels} wrote. */
public final class SurfacesFile {

    private static final long MOST_BYTES = 64L << 20;

    private SurfacesFile() {}

    /** What came of it: the surfaces, or a sentence that says why there are none. */
    public sealed interface Result {
        record Known(KernelSurfaces surfaces) implements Result {}

        record Unknown(String why) implements Result {}
    }

    /** The surfaces in {@code file}, of which one has to be of the card {@code gpu}. */
    public static Result read(Path file, String gpu) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                return new Result.Unknown("The file " + file + " is larger than 64 MiB: kernel surfaces are not.");
            }
            KernelSurfaces surfaces = KernelSurfaces.parse(Files.readAllLines(file));
            return surfaces.cards().contains(gpu)
                    ? new Result.Known(surfaces)
                    : new Result.Unknown("The file " + file + " has surfaces of " + surfaces.cards()
                            + " and none of " + gpu + ". Name the folder of the tables " + gpu
                            + " and thin them again (scepsy engine --kernels).");
        } catch (NoSuchFileException missing) {
            return new Result.Unknown("There is no file " + file + ".");
        } catch (CharacterCodingException binary) {
            return new Result.Unknown("The file " + file + " is not UTF-8 text.");
        } catch (IOException unreadable) {
            return new Result.Unknown("The file " + file + " cannot be read.");
        } catch (IllegalArgumentException wrong) {
            return new Result.Unknown("In " + file + ": " + wrong.getMessage() + ".");
        }
    }
}

package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.scepsy.planner.kernel.KernelSurfaces;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scepsy engine --kernels}: what it writes, and what it refuses. */
class KernelTablesTest {

    private static final String GEMM = "kernel,type,n,k,m,latencyMicros\n";
    private static final String REDUCE = "gpus,mode,bytes,latencyMicros\n";

    @TempDir
    private Path folder;

    private Path tables;
    private Path out;

    @BeforeEach
    void names() {
        tables = folder.resolve("tables");
        out = folder.resolve("surfaces.tsv");
    }

    private static byte[] zipped(String text) throws IOException {
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        try (OutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private Path write(String card, String file, byte[] bytes) throws IOException {
        Files.createDirectories(tables.resolve(card));
        return Files.write(tables.resolve(card).resolve(file), bytes);
    }

    private Path write(String file, String text) throws IOException {
        return write("H100-SXM-80GB", file, zipped(text));
    }

    private CommandLineRun run() {
        return CommandLineRun.of("engine", "--kernels", tables, "--out", out);
    }

    private void refused(String... parts) {
        CommandLineRun run = run();
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains(parts).contains("1 problem found.");
        assertThat(run.out()).isEmpty();
        assertThat(out).doesNotExist();
    }

    @Test
    void writesOneLineASurfaceThatTheModelReads() throws IOException {
        write("gemm-vllm.csv.gz", GEMM + "cublas,bfloat16,128,128,1,4.5\n\"a,b\",bfloat16,128,128,4,5\n");
        write(
                "allreduce-vllm.csv.gz",
                REDUCE + "2,custom_eager,256,oddly\n2,custom_eager,256,1\n2,custom_graph,256,8\n");
        write("moe-other.csv.gz", "unknown engines are passed over\n");
        write("nccl.csv.gz", "so are tables nobody uses\n");
        Files.writeString(tables.resolve("index.csv"), "and files beside the cards\n");
        CommandLineRun run = run();
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(Files.readAllLines(out).stream().filter(line -> !line.startsWith("#")))
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("H100-SXM-80GB\tcard\t9.0 3350000.0 9.89E8 450000.0 nvlink"),
                        line -> assertThat(line).startsWith("H100-SXM-80GB\tgemm\tbfloat16\t\t453.0 481.0 481.0 "),
                        line -> assertThat(line).startsWith("H100-SXM-80GB\tallreduce\tvllm\t2\t8 8 8 "));
        assertThat(KernelSurfaces.parse(Files.readAllLines(out)).cards()).containsExactly("H100-SXM-80GB");
    }

    @Test
    void whatItWouldNotUseIsRefused() {
        CommandLineRun run = CommandLineRun.of("engine", "--kernels", tables, "--batch", "rows.csv");
        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains("--kernels: This option predicts and fits nothing: leave out");
    }

    @Test
    void aFolderThatIsNotThereOrEmptyIsRefused() throws IOException {
        refused(tables.toString(), "There is no such folder", "GPU/TABLE-ENGINE.csv.gz");
        Files.createDirectories(tables.resolve("H100-SXM-80GB"));
        refused(tables.toString(), "There are no tables here: expected GPU/TABLE-ENGINE.csv.gz.");
    }

    @Test
    void aFolderThatIsNoCardIsRefused() throws IOException {
        write("H100", "gemm-vllm.csv.gz", zipped(GEMM));
        refused(tables.resolve("H100").toString(), "named like a GPU of the catalogue", "H100-SXM-80GB");
    }

    @Test
    void wrongColumnsAreNamedWithThoseThatAreNeeded() throws IOException {
        Path file = write("gemm-vllm.csv.gz", "type,n,k,m,latency\nbfloat16,128,128,1,4.5\n");
        refused(file + ":1:1: latencyMicros: ", "type, n, k, m, latencyMicros", "microseconds");
    }

    @Test
    void timesInSecondsOrMillisecondsAreRefusedAtTheirLine() throws IOException {
        Path file = write("gemm-vllm.csv.gz", GEMM + "x,bfloat16,2048,2048,4096,65\nx,bfloat16,128,128,1,0.0045\n");
        refused(file + ":3:1: latencyMicros: ", "0.0045", "milliseconds or seconds");
        write("gemm-vllm.csv.gz", GEMM + "x,bfloat16,128,128,1,4.5e-6\n");
        refused(file + ":2:1: latencyMicros: ", "4.5e-6");
        for (String time : new String[] {"", "NaN", "fast", "-3", "1e12"}) {
            write("gemm-vllm.csv.gz", GEMM + "x,bfloat16,128,128,1," + time + "\n");
            refused(file + ":2:1: latencyMicros: ", "(" + time + ")");
        }
    }

    @Test
    void sizesThatAreNoneAreRefusedAtTheirLine() throws IOException {
        Path file = write("gemm-vllm.csv.gz", GEMM + "x,bfloat16,128,wide,1,4.5\n");
        refused(file + ":2:1: k: ", "(wide)");
        Files.delete(file);
        file = write(
                "context-attention-vllm.csv.gz",
                "batch,heads,kvHeads,headSize,attentionType,kvType,window,newTokens,latencyMicros\n"
                        + "1,4,0,128,bfloat16,bfloat16,0,16,9\n");
        refused(file + ":2:1: kvHeads: ", "(0)", "at least 1");
        Files.delete(file);
        file = write(
                "moe-vllm.csv.gz",
                "type,hiddenSize,intermediateSize,experts,expertsPerToken,tensorParallel,expertParallel,distribution,"
                        + "tokens,latencyMicros\nbfloat16,large,768,128,8,1,1,power_law_1.01,1,30\n");
        refused(file + ":2:1: hiddenSize: ", "(large)");
    }

    @Test
    void aRowThatIsCutIsRefused() throws IOException {
        Path file = write("gemm-vllm.csv.gz", GEMM + "x,bfloat16,128,128,1,4.5\nx,bfloat16,128\n");
        refused(file + ":3:1: ", "3 cells", "6");
    }

    @Test
    void aDamagedFileIsRefused() throws IOException {
        Path file = write("H100-SXM-80GB", "gemm-vllm.csv.gz", GEMM.getBytes(StandardCharsets.UTF_8));
        refused(file + ":1:1: ", "no whole gzip file", "fetch it again");
        byte[] whole = zipped(GEMM + "x,bfloat16,128,128,1,4.5\n".repeat(1000));
        write("H100-SXM-80GB", "gemm-vllm.csv.gz", Arrays.copyOf(whole, whole.length / 2));
        refused(file.toString(), "no whole gzip file", "fetch it again");
    }

    @Test
    void everyFileWithAProblemIsNamedAtOnce() throws IOException {
        Path one = write("gemm-vllm.csv.gz", GEMM + "x,bfloat16,128,128,1,0\nx,bfloat16,128,128,1,0\n");
        Path two = write("allreduce-vllm.csv.gz", "gpus,bytes\n");
        Files.createDirectories(tables.resolve("a card"));
        CommandLineRun run = run();
        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains(one.toString(), two.toString(), "a card", "3 problems found.");
    }

    @Test
    void thePublishedTablesGiveTheSurfacesThatShip() throws IOException {
        assumeTrue(Boolean.getBoolean("scepsy.full"), "NOT RUN without -Dscepsy.full=true: it reads 39 MB of tables");
        tables = Path.of(System.getProperty("scepsy.shared", "../../shared"), "data/kernels");
        assumeTrue(Files.isDirectory(tables), "NOT RUN: there is no " + tables);
        CommandLineRun run = run();
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        try (InputStream shipped =
                Objects.requireNonNull(KernelSurfaces.class.getResourceAsStream("kernel-surfaces.tsv"))) {
            assertThat(Files.readAllBytes(out)).isEqualTo(shipped.readAllBytes());
        }
    }
}

package dev.scepsy.planner.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * One verb, the one thing among its inputs that is changed, and the codes it may end with.
 *
 * @param input the file of {@link FuzzFiles} or the answer of {@link FuzzServer} that is changed; {@code --} for an argument
 * @param command {@code {name}} stands for a file, {@code {>name}} for an output, {@code {server}} for the server's address
 * @param sound whether every number of the input must be a finite one of at least 0
 * @param codes besides 0
 */
record FuzzCase(String verb, String input, String command, boolean sound, List<Integer> codes) {

    private static final String PROBLEM =
            " --cluster {cluster.yaml} --models {models.yaml} --profiles {profiles.yaml} --workflows {workflows.json}";
    private static final String BLOCK =
            " --cluster {cluster-block.yaml} --models {models-block.yaml} --profiles {profiles-block.yaml} --workflows {workflows-tokens.json}";
    private static final String CONFIGURED = PROBLEM.replace("{models.yaml}", "{models-config.yaml}");
    private static final String PLANNED = " --cluster {cluster.yaml} --models {models.yaml} --plan {plan.json}";
    private static final String IMPORT = "profile import --model m --gpu H100-SXM-80GB --out {>profiles.yaml} ";
    private static final String POINT = " --input-tokens 1000 --output-tokens 100 --concurrency 4";

    boolean argument() {
        return input.equals("--");
    }

    boolean answer() {
        return input.startsWith("/");
    }

    /** The command's words; {@code file}, {@code output} and {@code server} fill it in. */
    List<String> arguments(Function<String, String> file, Function<String, String> output, String server) {
        List<String> words = new ArrayList<>();
        for (String word : command.split(" +")) {
            if (word.contains("{server}")) {
                words.add(word.replace("{server}", server));
            } else if (word.startsWith("{>")) {
                words.add(output.apply(word.substring(2, word.length() - 1)));
            } else if (word.startsWith("{")) {
                words.add(file.apply(word.substring(1, word.length() - 1)));
            } else {
                words.add(word);
            }
        }
        return words;
    }

    static List<FuzzCase> all() {
        List<FuzzCase> cases = new ArrayList<>();
        List<String> contract = List.of("cluster.yaml", "models.yaml", "profiles.yaml", "workflows.json");
        List<String> block =
                List.of("cluster-block.yaml", "models-block.yaml", "profiles-block.yaml", "workflows-tokens.json");
        for (String input : contract) {
            add(cases, input, "plan" + PROBLEM + " --current {plan.json} --work 2000 --out {>out.json}", true, 2, 3);
            add(
                    cases,
                    input,
                    "plan" + PROBLEM + " --work 500 --json --objective gpus --quantile 0.9 --out {>out.json}",
                    true,
                    2,
                    3);
            add(cases, input, "predict" + PROBLEM + " --plan {plan.json}", true, 2);
            add(
                    cases,
                    input,
                    "simulate" + PROBLEM + " --plan {plan.json} --duration 60 --json --out {>simulated.json}",
                    true,
                    2);
        }
        for (String input : block) {
            add(cases, input, "plan" + BLOCK + " --work 2000 --n-minus-1 --out {>out.json}", true, 2, 3);
        }
        add(cases, "plan.json", "plan" + PROBLEM + " --current {plan.json} --work 500 --out {>out.json}", true, 2, 3);
        add(cases, "plan.json", "predict" + PROBLEM + " --plan {plan.json}", true, 2);
        add(cases, "plan.json", "simulate" + PROBLEM + " --plan {plan.json} --duration 60", true, 2);
        for (String input : List.of("cluster.yaml", "models.yaml", "plan.json")) {
            add(cases, input, "render" + PLANNED, true, 2, 3);
            add(cases, input, "render" + PLANNED + " --json", true, 2, 3);
            add(cases, input, "render --platform compose --node k" + PLANNED, true, 2, 3, 4);
            add(cases, input, "render --platform shell --json" + PLANNED, true, 2, 3, 4);
            add(cases, input, "apply --dry-run --yes --server {server}" + PLANNED, true, 2, 3, 4);
        }
        add(
                cases,
                "replayed.jsonl",
                "simulate" + PLANNED + " --profiles {profiles.yaml} --traces {replayed.jsonl} --duration 60",
                false,
                2);
        for (String config : List.of("config.json", "moe.json")) {
            add(cases, config, "engine --gpu H100-SXM-80GB" + POINT + " --model {" + config + "}", false, 2);
        }
        add(cases, "config.json", "plan" + CONFIGURED + " --work 500 --out {>out.json}", false, 2, 3);
        for (String rows : List.of("--batch", "--fit", "--calibrate")) {
            String point = rows.equals("--calibrate") ? POINT + " --model Llama-3.1-8B --gpu H100-SXM-80GB" : "";
            add(cases, "rows.csv", "engine " + rows + " {rows.csv}" + point + " --out {>engine.csv}", false, 2);
        }
        for (String trace : List.of(
                "research", "collector-0.164", "lg-genai-langchain", "haystack-openinference", "openai-v2-rooted")) {
            String file = trace + ".jsonl";
            add(cases, file, "shares {" + file + "} --required-executions 2 --out {>workflows.json}", false, 2);
            add(cases, file, "init {" + file + "} --folder {>skeletons}", false, 2);
        }
        add(cases, "pretty.json", "shares {pretty.json} --json --out {>workflows.json}", false, 2);
        add(
                cases,
                "research.jsonl",
                "shares {research.jsonl} --models {models.yaml} --correct-skew --stability --trim 0.1 --out {>workflows.json}",
                false,
                2);
        add(
                cases,
                "research.jsonl",
                "shares {research.jsonl} --root topmost --strict --json --out {>workflows.json}",
                false,
                2);
        add(cases, "/api/v3/traces", "shares jaeger:{server}?service=demo --out {>workflows.json}", false, 2);
        add(cases, "vllm-rate-8.json", IMPORT + "{vllm-rate-1.json} {vllm-rate-8.json} {vllm-rate-16.json}", false, 2);
        add(
                cases,
                "profiles-block.yaml",
                "profile import --model m --gpu H100-SXM-80GB --out {profiles-block.yaml} {curve.csv}",
                true,
                2);
        for (String file : List.of("vllm-clients.jsonl", "aiperf.json", "curve.csv", "guidellm.json")) {
            add(cases, file, IMPORT + "{" + file + "}", false, 2);
        }
        for (String answer : List.of(
                "/nodes", "/pods", "/deployments", "/services", "/poddisruptionbudgets", "/configmaps/scepsy-plan")) {
            add(cases, answer, "status --server {server} --plan-out {>served.json}", false, 4);
            add(cases, answer, "status --server {server} --json", false, 4);
            add(cases, answer, "apply --dry-run --yes --server {server}" + PLANNED, false, 2, 3, 4);
            add(cases, answer, "rollback --yes --endpoint-seconds 1 --server {server}", false, 2, 4, 5, 6);
        }
        add(cases, "/nodes", "init --kubernetes --server {server} --folder {>skeletons}", false, 2, 4);
        String profile =
                "profile --dry-run --endpoint {server} --model m --gpu L4-24GB --timeout 2s --out {>profiles.yaml}";
        add(cases, "/v1/chat/completions", profile + " --input-tokens 10 --output-tokens 4", false, 2, 3, 5);
        add(cases, "/v1/models", profile + " --input-tokens 10 --output-tokens 4", false, 2, 3, 5);
        add(
                cases,
                "workflows-tokens.json",
                profile.replace(" m ", " a ") + " --workflows {workflows-tokens.json}",
                true,
                2,
                3,
                5);
        add(
                cases,
                "research.jsonl",
                profile.replace(" m ", " generator ") + " --traces {research.jsonl}",
                false,
                2,
                3,
                5);
        add(cases, "serve.yaml", "serve token --name n --role viewer --config {serve.yaml}", false, 2);
        add(cases, "/api/v1/proposals", "proposals --service {server}", false, 2);
        add(cases, "/api/v1/proposals/p", "proposals show p --service {server}", false, 2);
        for (String command : List.of(
                "plan" + PROBLEM
                        + " --target w=2 --seed 1 --refine 0 --max-utilisation 0.8 --quantile 0.5 --work 500 --time-limit 5 --what-if load*2 --latency-limit w=1000 --routing round-robin --form published --objective cost --out {>out.json}",
                "predict" + PROBLEM
                        + " --plan {plan.json} --target w=2 --max-utilisation 0.8 --form published --routing connections=16",
                "simulate" + PROBLEM
                        + " --plan {plan.json} --duration 60 --warm-up 5 --seed 1 --rate-scale 1 --target w=2 --clients w=2 --think-time 1 --mtbf 1000 --restart-time 10 --failure n@5+10 --routing connections=8",
                "engine --model Llama-3.1-8B --gpu H100-SXM-80GB" + POINT
                        + " --tensor-parallel 2 --gpu-fraction 1 --prefix-cache-hit-rate 0.5 --max-num-seqs 10 --max-num-batched-tokens 2048 --weight-precision fp8",
                "shares {research.jsonl} --required-executions 2 --seed 1 --skip-first 0 --trim 0.1 --precision 0.1 --reference-gpu G --root-span research --out {>workflows.json}",
                "render" + PLANNED + " --namespace x --platform kubernetes",
                "profile import {curve.csv} --model m --gpu G --tensor-parallel 1 --gpu-fraction 1 --memory-gib-per-gpu 12 --saturation 5 --engine vllm --out {>profiles.yaml}",
                profile
                        + " --input-tokens 10 --output-tokens 4 --requests 30 --max-rate 5 --max-in-flight 20 --resolution 0.5 --window-seconds 5 --max-duration 10s --seed 1 --shared-prefix-tokens 2 --tensor-parallel 1 --gpu-fraction 0.5",
                "record --grpc off --http off --rotate-size 1MiB --rotate-age 1h --keep 2 --spans 1 --for 1s --forward http://localhost:14318 --out {>traces.jsonl}",
                "serve token --name n --role viewer --tokens {>tokens.txt}",
                "proposals pin m --gpu G --gpu-fraction 0.5 --tensor-parallel 2 --replicas 3 --for 4h --reason r --service {server}",
                "status --server {server} --namespace x")) {
            add(cases, "--", command, false, 2, 3, 4, 5);
        }
        return cases;
    }

    private static void add(List<FuzzCase> cases, String input, String command, boolean sound, Integer... codes) {
        String verb =
                command.startsWith("profile import") ? "profile import" : command.substring(0, command.indexOf(' '));
        cases.add(new FuzzCase(verb, input, command, sound, List.of(codes)));
    }
}

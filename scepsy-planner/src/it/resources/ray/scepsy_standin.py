"""Stands in for ray.serve.llm, which needs vLLM and GPUs: the same builder, the same names of deployments, no engine.

What Scepsy puts is checked by Ray's own LLMConfig all the same. A model called "broken" fails to start.
"""

from ray import serve
from ray.llm._internal.serve.core.configs.llm_config import LLMConfig


class LLMServer:
    def __init__(self, model_id):
        if model_id == "broken":
            raise RuntimeError("no such model")
        self.model_id = model_id

    async def __call__(self, request):
        return {"model": self.model_id}


def build_openai_app(builder_config):
    (config,) = [LLMConfig.model_validate(each) for each in builder_config["llm_configs"]]
    model_id = config.model_loading_config.model_id
    bundle = config.placement_group_config["bundle_per_worker"]
    shards = config.engine_kwargs["tensor_parallel_size"]
    return serve.deployment(
        LLMServer,
        name="LLMServer:" + model_id,
        num_replicas=config.deployment_config["num_replicas"],
        graceful_shutdown_timeout_s=1,
        graceful_shutdown_wait_loop_s=0.1,
        ray_actor_options={"num_cpus": 0},
        placement_group_bundles=[{"GPU": bundle["GPU"]} for _ in range(shards)],
        placement_group_strategy=config.placement_group_config["strategy"],
    ).bind(model_id)


@serve.deployment(ray_actor_options={"num_cpus": 0})
class Other:
    async def __call__(self, request):
        import os

        return "other " + os.environ.get("SECRET", "")


other = Other.bind()

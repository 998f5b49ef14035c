"""What this machine is, as far as it matters for speed: read, never set."""

import os
import platform
import subprocess
from pathlib import Path

import torch

from bot.reports.tensor_parallel import Environment, Gpu

#: Variables that change what runs; everything else in the environment is nobody's business.
PREFIXES = ("NCCL_", "TORCH_", "CUDA_DEVICE_MAX_CONNECTIONS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def environment() -> Environment:
    """Return the fingerprint of this process's machine."""
    return Environment(
        torch=str(torch.__version__),
        python=platform.python_version(),
        os=f"{platform.system()} {platform.machine()}",
        cpu=_cpu(),
        cores=os.cpu_count() or 0,
        threads=torch.get_num_threads(),
        gpus=_gpus(),
        driver=_nvidia("driver_version"),
        cuda=torch.version.cuda or "",
        cudnn=str(torch.backends.cudnn.version() or ""),
        nccl=_nccl(),
        topology=_topology(),
        mig=_nvidia("mig.mode.current"),
        power_limit=_nvidia("power.limit"),
        container=os.environ.get("REEVE_CONTAINER_DIGEST", ""),
        variables={name: value for name, value in sorted(os.environ.items()) if name.startswith(PREFIXES)},
    )


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def _gpus() -> tuple[Gpu, ...]:
    if not torch.cuda.is_available():
        return ()
    return tuple(_gpu(index) for index in range(torch.cuda.device_count()))


def _gpu(index: int) -> Gpu:
    found = torch.cuda.get_device_properties(index)
    capability = f"{found.major}.{found.minor}"
    return Gpu(name=found.name, uuid=str(getattr(found, "uuid", "")), memory=found.total_memory, capability=capability)


def _nccl() -> str:
    return ".".join(map(str, torch.cuda.nccl.version())) if torch.cuda.is_available() else ""


def _nvidia(field: str) -> str:
    """Ask nvidia-smi for one field of every GPU; empty where there is none."""
    return _output("nvidia-smi", f"--query-gpu={field}", "--format=csv,noheader") if torch.cuda.is_available() else ""


def _topology() -> str:
    return _output("nvidia-smi", "topo", "-m") if torch.cuda.is_available() else ""


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603  fixed words
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

"""Which changes need performance data, and why the others do not."""

import pytest

from bot.config.benchmark import Benchmark
from bot.policies.benchmark.relevance import Exemption, Relevance, relevance


@pytest.mark.parametrize(
    ("changed", "exemption"),
    [
        (("README.md",), Exemption.DOCS),
        (("docs/conf.py", "LICENSE", "a/logo.svg", "docs/tests/x.py"), Exemption.DOCS),
        (("文档/说明.md",), Exemption.DOCS),
        (("tests/test_engine.py", "tests/data/big.bin"), Exemption.TESTS),
        (("src/engine_test.go", "web/app.spec.ts", "conftest.py", "JavaTest.java"), Exemption.TESTS),
        (("tests/test_engine.py", "README.md"), Exemption.DOCS_AND_TESTS),
        ((".github/workflows/ci.yml", "setup.cfg", "requirements.txt.lock"), Exemption.NO_SOURCE),
        (("README.md", "pyproject.toml"), Exemption.NO_SOURCE),
        ((), Exemption.NO_SOURCE),
    ],
)
def test_a_change_without_source_is_exempt_and_says_why(changed: tuple[str, ...], exemption: Exemption) -> None:
    assert relevance(changed, Benchmark()) == Relevance((), exemption)


@pytest.mark.parametrize(
    "path",
    ["model.py", "src/kernels/attention.cu", "csrc/gemm.CPP", "lib.rs", "latest/x.py", "a/b.pyx", "run.sh", "docs.py"],
)
def test_one_source_file_among_docs_and_tests_is_enough(path: str) -> None:
    found = relevance(("README.md", "tests/test_x.py", path), Benchmark())
    assert found == Relevance((path,), None)


def test_where_the_policy_names_paths_only_those_count_be_they_docs_or_tests() -> None:
    rules = Benchmark(paths=("kernels/**", "tests/perf/**"), exempt=("kernels/generated/**",))
    changed = ("kernels/a.cu", "kernels/generated/b.cu", "tests/perf/c.py", "src/d.py")
    assert relevance(changed, rules) == Relevance(("kernels/a.cu", "tests/perf/c.py"), None)
    assert relevance(("src/d.py",), rules) == Relevance((), Exemption.CONFIGURED)


def test_what_the_policy_exempts_needs_nothing() -> None:
    rules = Benchmark(exempt=("tools/**",))
    assert relevance(("tools/a.py",), rules) == Relevance((), Exemption.CONFIGURED)
    assert relevance(("tools/a.py", "b.py"), rules) == Relevance(("b.py",), None)


def test_a_change_whose_paths_are_not_known_is_not_exempt() -> None:
    assert relevance(None, Benchmark()).exemption is None
    assert relevance(None, Benchmark(paths=("a",))).exemption is None
